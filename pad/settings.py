"""The settings of a server: its limits, and the environment variables that change them."""

from typing import Annotated

import limits
from limits.errors import ConfigurationError
from limits.storage import storage_from_string
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    ValidationError,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from model.errors import DigitPadError

PREFIX = "DIGITS_"
#: Fewer connections would be too few for a browser.
MIN_CONNECTIONS = 32


def _check_storage(url: str) -> str:
    try:
        storage_from_string(f"async+{url}")
    except (ConfigurationError, ValueError):  # no such scheme, no such port
        raise ValueError("there is no such storage") from None
    return url


#: A number of requests in a period, for example "3000 per 10 seconds".
RateLimit = Annotated[limits.RateLimitItem, BeforeValidator(limits.parse)]
#: "memory://", or the URL of a server, for example "valkey://host:6379".
StorageUrl = Annotated[str, AfterValidator(_check_storage)]


class SettingsError(DigitPadError):
    """An environment variable has a value that its setting does not allow."""

    code = "invalid_setting"


class Settings(BaseSettings):
    """The limits of a server. Each is read from the environment variable of its name, in capitals after "DIGITS_"."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore", arbitrary_types_allowed=True)

    # Fits a picture's file of 30 MB in a form.
    max_body: PositiveInt = Field(31_000_000, description="largest body of a request, in bytes")
    # One visitor may have a third, or half of what is left.
    max_buffered_bytes: PositiveInt = Field(
        100_000_000,
        description="largest size of all bodies together that are received or being received; "
        "one visitor may have a third",
    )
    # The last of that many drawings waits for a quarter of a second.
    max_concurrent: PositiveInt = Field(
        64, description="largest number of requests that are worked on at once; one visitor may have half"
    )
    # At one call at a time, the last of that many drawings waits for half a second.
    max_queue: PositiveInt = Field(
        64, description="largest number of calls of the named API that wait; one visitor may have half"
    )
    queue_timeout: PositiveFloat = Field(10, description="longest time that such a call may wait, in seconds")
    # One visitor may have a fifth, or a quarter of those left. A proxy may have all.
    max_connections: PositiveInt = Field(
        1000, ge=MIN_CONNECTIONS, description="largest number of open connections; one visitor may have a fifth"
    )
    decoding_timeout: PositiveFloat = Field(3, description="longest time that decoding a picture may take, in seconds")
    # Enough for a JPEG of 64 megapixels, and 30 or more in other formats.
    decoding_memory: PositiveInt = Field(
        350_000_000, description="largest memory that decoding pictures may take, in bytes"
    )
    header_timeout: PositiveFloat = Field(
        10, description="longest time that receiving a request's headers may take, in seconds"
    )
    body_grace: PositiveFloat = Field(10, description="time that receiving any body may take, in seconds")
    min_body_rate: PositiveInt = Field(50_000, description="least rate of a body beyond that time, in bytes per second")
    write_timeout: PositiveFloat = Field(
        30, description="longest time that a client may leave sent data unread, in seconds"
    )
    # A proxy that still sends requests meanwhile notices by /readyz that it should not.
    drain_seconds: NonNegativeFloat = Field(
        0, le=3, description="time after SIGTERM in which requests are still accepted, in seconds"
    )
    # More than a pen on the fastest screen makes, or a program that waits for each answer.
    rate_limit: RateLimit = Field(
        "3000 per 10 seconds", description="largest number of requests by one visitor in a period"
    )
    # As many small files as the rate limit allows: each takes 8 kB more, see pad.uploads.
    uploads_limit: RateLimit = Field(
        "200000000 per minute", description="largest number of bytes that one visitor may upload to the API in a period"
    )
    max_upload_bytes: PositiveInt = Field(
        500_000_000, description="largest size of all uploads together that are kept, in bytes; the oldest are deleted"
    )
    # More than a class makes behind one address.
    corrections_limit: RateLimit = Field(
        "100 per hour", description="largest number of corrections by one visitor in a period"
    )
    max_corrections: PositiveInt = Field(10_000, description="largest number of corrections that are kept")
    # Each adds the address that it was called from to X-Forwarded-For; anybody can send such a header, too.
    trusted_proxies: NonNegativeInt = Field(
        0, description="number of reverse proxies that every request passes; they tell the visitors' addresses"
    )
    hosts: str = Field(
        "", description="names of this server, separated by commas; requests for others, if set, are refused"
    )
    limits_storage: StorageUrl = Field(
        "memory://",
        description="where requests are counted: the URL of a Valkey server, if several processes share the limits",
    )
    metrics: bool = Field(False, description="whether `/metrics` has metrics for Prometheus")


def load_settings() -> Settings:
    """Return the settings that the environment gives.

    Raises:
        SettingsError: a value is invalid; the message names the variable.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = PREFIX + "_".join(map(str, first["loc"])).upper()
        raise SettingsError(f"The environment variable {name} is invalid: {first['msg'].rstrip('.')}.") from error
