"""Reading the values of a link."""

from __future__ import annotations

import pytest

from nn_viz.ui.live.parameters import between, count


@pytest.mark.parametrize("text", ["0", "9", "-1", "", "two", "\N{ARABIC-INDIC DIGIT THREE}", "1" * 5_000])
def test_a_number_out_of_its_limits_is_answered_with_both_limits(text: str) -> None:
    with pytest.raises(ValueError, match=r"^it is a whole number from 1 to 8$"):
        between(1, 8)(text)


def test_the_limits_themselves_are_read() -> None:
    assert [between(1, 8)("1"), between(1, 8)("8"), count(5)("0"), count(5)("5")] == [1, 8, 0, 5]
