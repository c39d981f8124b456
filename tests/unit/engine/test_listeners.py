"""Callbacks that are subscribed and notified."""

from __future__ import annotations

from nn_viz.engine.listeners import Listeners


def test_one_function_may_be_subscribed_twice_and_each_block_ends_its_own():
    heard: list[int] = []
    listeners: Listeners[[int]] = Listeners()
    listener = heard.append
    with listeners.subscribed(listener):
        with listeners.subscribed(listener):
            listeners.notify(1)
        listeners.notify(2)
    listeners.notify(3)
    assert heard == [1, 1, 2]
