"""The bars of a verdict: in the order of their values, their dots on them, and a legend that says what is unusual."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn_viz.experiments import Bar
from nn_viz.ui.pages.experiments.verdict_bars import legend_of, verdict_bars

shares = st.floats(0, 1)


@given(
    st.lists(st.tuples(st.lists(shares, min_size=1, max_size=5), st.none() | shares), min_size=1, max_size=6),
    st.sampled_from(["%", "", "s"]),
)
def test_bars_keep_their_order_and_their_dots_stay_on_them(given_rows, unit):
    rows = [Bar(str(i), tuple(values), unit, chance) for i, (values, chance) in enumerate(given_rows)]
    drawn = verdict_bars(rows)
    for one, other in itertools.combinations(range(len(rows)), 2):
        means = [sum(rows[i].values) / len(rows[i].values) for i in (one, other)]
        if means[0] < means[1]:
            assert drawn[one].values <= drawn[other].values
    for row, seen in zip(rows, drawn, strict=True):
        places = [place for place, _ in seen.dots]
        assert len(places) == (len(row.values) if len(row.values) > 1 else 0)
        assert all(0 <= place <= 1 for place in [*places, *seen.values, seen.chance or 0.0])


def test_a_scale_that_begins_late_says_so():
    close = [Bar("a", (0.97,)), Bar("b", (0.98,))]
    assert any("not at 0" in words for _, words in legend_of(close))
    assert 0.5 < verdict_bars(close)[0].values[0] < 0.8
    with_chance = [Bar("a", (0.97,), chance=0.1), close[1]]
    assert not any("not at 0" in words for _, words in legend_of(with_chance))
    assert verdict_bars(with_chance)[0].values == pytest.approx((0.97,))
    with pytest.raises(ValueError, match="value"):
        verdict_bars([Bar("a", ())])
