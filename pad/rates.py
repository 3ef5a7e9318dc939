"""Rate limits, counted in memory or in a storage that several processes share."""

import asyncio
import time

from limits import RateLimitItem
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from limits.errors import StorageError
from limits.storage import storage_from_string

from pad.log import LOG

#: Seconds until a storage that does not answer is given up, and until it is tried again; meanwhile memory counts.
STORAGE_TIMEOUT, RETRY_INTERVAL = 0.2, 5
#: Seconds between two log lines about a storage that does not answer.
LOG_INTERVAL = 60


class RateLimiter:
    """Counts in a storage, given by its URL as in the settings, or in memory while that does not answer."""

    def __init__(self, storage_url: str):
        storage = storage_from_string(f"async+{storage_url}", wrap_exceptions=True)
        self.shared = SlidingWindowCounterRateLimiter(storage)
        self.own = SlidingWindowCounterRateLimiter(storage_from_string("async+memory://"))
        self.retry_at = self.log_at = 0.0

    async def hit(self, rate_limit: RateLimitItem, *names: str, cost: int = 1) -> bool:
        """Count what is requested under these names, and ``cost`` is how much that is; return whether it is allowed."""
        if time.monotonic() < self.retry_at:
            return await self.own.hit(rate_limit, *names, cost=cost)
        try:
            return await asyncio.wait_for(self.shared.hit(rate_limit, *names, cost=cost), STORAGE_TIMEOUT)
        except (StorageError, OSError, asyncio.TimeoutError) as error:
            now = time.monotonic()
            self.retry_at = now + RETRY_INTERVAL
            if now >= self.log_at:
                self.log_at = now + LOG_INTERVAL
                LOG.warning("The storage of the rate limits does not answer: %r", error)
            return await self.own.hit(rate_limit, *names, cost=cost)
