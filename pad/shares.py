"""Share an amount between visitors, so that none takes it all."""

from collections import Counter


class Shares:
    """An amount of which each visitor may have as much as is left for the others.

    One visitor alone gets half, two get a third each, so that there is always some left for the next. Network switches
    share their buffers by this rule (Choudhury and Hahne, Dynamic Queue Length Thresholds). Not thread-safe.
    """

    def __init__(self, total: int):
        self.left = total
        self.taken: Counter[str] = Counter()

    def take(self, visitor: str, amount: int = 1) -> bool:
        """Take an amount for a visitor; return whether there was enough."""
        if self.taken[visitor] + amount > self.left:
            return False
        self.taken[visitor] += amount
        self.left -= amount
        return True

    def give_back(self, visitor: str, amount: int = 1) -> None:
        """Give back what was taken for a visitor."""
        self.left += amount
        self.taken[visitor] -= amount
        if not self.taken[visitor]:
            del self.taken[visitor]
