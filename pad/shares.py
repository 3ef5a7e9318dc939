"""Share an amount between visitors, so that none takes it all."""

from collections import Counter


class Shares:
    """An amount of which each visitor may have as much as a fraction of what is left for the others.

    So there is always some left for the next. Network switches share their buffers by this rule (Choudhury and Hahne,
    Dynamic Queue Length Thresholds). With a fraction of 1 the first visitor gets half, and with 1/4 a fifth; ten, of
    whom each takes all he gets, leave a tenth. Not thread-safe.
    """

    def __init__(self, total: int, fraction: float):
        self.left = total
        self.fraction = fraction
        self.taken: Counter[str] = Counter()

    def take(self, visitor: str, amount: int = 1) -> bool:
        """Take an amount for a visitor; return whether there was enough."""
        if self.taken[visitor] + amount > self.fraction * self.left:
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
