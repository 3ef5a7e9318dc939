import os

import pytest

from model.network.quiet import suppress_stderr


def test_suppress_stderr_drops_output_below_python(capfd):
    with suppress_stderr():
        os.write(2, b"a notice")
    os.write(2, b"after it")
    assert capfd.readouterr().err == "after it"


def test_suppress_stderr_writes_the_output_after_all_when_the_body_raises(capfd):
    def fail():
        os.write(2, b"the cause")
        raise OSError

    with pytest.raises(OSError), suppress_stderr():  # noqa: PT011 (any)
        fail()
    assert capfd.readouterr().err == "the cause"
