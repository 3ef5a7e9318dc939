"""Amounts that visitors share."""

from pad.shares import Shares


def test_one_visitor_gets_a_fraction_of_what_is_left_and_ten_leave_a_tenth():
    shares = Shares(1000, 1 / 4)
    for visitor in range(10):
        while shares.take(str(visitor)):
            pass
    assert shares.taken["0"] == 200
    assert shares.left > 100
    assert all(shares.take("next") for _ in range(20))


def test_what_is_given_back_can_be_taken_again_and_visitors_are_forgotten():
    shares = Shares(1, 1)
    assert [shares.take("a"), shares.take("a"), shares.take("b")] == [True, False, False]
    shares.give_back("a")
    assert not shares.taken
    assert shares.take("b")
