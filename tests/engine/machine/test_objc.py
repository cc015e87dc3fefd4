"""Pools for what Apple's frameworks leave behind, with a runtime that only writes down what it is asked."""

import platform

import pytest

from engine.machine.objc import autorelease_pool, runtime


class Runtime:
    def __init__(self):
        self.asked = []

    def objc_autoreleasePoolPush(self):
        self.asked.append("push")
        return 7

    def objc_autoreleasePoolPop(self, pool):
        self.asked.append(pool)


def test_a_pool_is_closed_after_what_is_done_in_it():
    objc = Runtime()
    with autorelease_pool(objc):
        objc.asked.append("work")
    assert objc.asked == ["push", "work", 7]


def test_a_pool_is_closed_after_a_failure_too():
    objc = Runtime()
    with pytest.raises(ZeroDivisionError), autorelease_pool(objc):
        raise ZeroDivisionError
    assert objc.asked == ["push", 7]


@pytest.mark.skipif(platform.system() == "Darwin", reason="a Mac has a runtime")
def test_elsewhere_than_on_a_mac_there_is_no_runtime_and_nothing_to_free():
    assert runtime() is None
    with autorelease_pool(None):
        pass
