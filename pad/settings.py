"""The settings of a server: its limits, and the environment variables that change them."""

from typing import Annotated

import limits
from pydantic import BeforeValidator, Field, PositiveFloat, PositiveInt, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from model.errors import DigitPadError

PREFIX = "DIGITS_"
#: A number of requests in a period, for example "3000 per 10 seconds".
RateLimit = Annotated[limits.RateLimitItem, BeforeValidator(limits.parse)]


class SettingsError(DigitPadError):
    """An environment variable has a value that its setting does not allow."""

    code = "invalid_setting"


class Settings(BaseSettings):
    """The limits of a server. Each is read from the environment variable of its name, in capitals after "DIGITS_"."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore", arbitrary_types_allowed=True)

    # Fits a picture's file of 30 MB in a form.
    max_body: PositiveInt = Field(31_000_000, description="largest body of a request, in bytes")
    max_buffered_bytes: PositiveInt = Field(
        1_000_000_000, description="largest size of all bodies together that are received or being received"
    )
    # The last of that many drawings waits for a quarter of a second.
    max_concurrent: PositiveInt = Field(64, description="largest number of requests that are worked on at once")
    # Fits 30 MB at 2 Mbit/s.
    body_timeout: PositiveFloat = Field(120, description="longest time that receiving a body may take, in seconds")
    # More than a pen on the fastest screen makes, or a program that waits for each answer.
    rate_limit: RateLimit = Field(
        "3000 per 10 seconds", description="largest number of requests by one visitor in a period"
    )
    limits_storage: str = Field(
        "memory://",
        description="where requests are counted: the URL of a Valkey server, if several processes share the limits",
    )


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
