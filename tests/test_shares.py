"""Amounts that visitors share."""

from pad.shares import Shares


def test_one_visitor_gets_half_and_ten_leave_some_for_the_next():
    shares = Shares(64)
    assert sum(shares.take("0") for _ in range(64)) == 32
    for visitor in range(1, 10):
        while shares.take(str(visitor)):
            pass
    assert shares.left > 0
    assert shares.take("next")


def test_what_is_given_back_can_be_taken_again_and_visitors_are_forgotten():
    shares = Shares(1)
    assert [shares.take("a"), shares.take("a"), shares.take("b")] == [True, False, False]
    shares.give_back("a")
    assert not shares.taken
    assert shares.take("b")
