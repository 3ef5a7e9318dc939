"""Keras, imported without TensorFlow's start-up messages.

TensorFlow writes its CPU and oneDNN notices straight to file descriptor 2, before any log level it offers takes
effect. So the descriptor itself is set aside while Keras starts; should that fail, everything that was said is shown.
"""

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator

import absl.logging


@contextlib.contextmanager
def _stderr_held_back() -> Iterator[None]:
    """Keep what is written to file descriptor 2 to itself, unless the body raises."""
    sys.stderr.flush()
    terminal = os.dup(2)
    with tempfile.TemporaryFile() as held_back:
        os.dup2(held_back.fileno(), 2)
        try:
            yield
        except BaseException:
            held_back.seek(0)
            os.write(terminal, held_back.read())
            raise
        finally:
            os.dup2(terminal, 2)
            os.close(terminal)


os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
with _stderr_held_back():
    import keras

    keras.ops.zeros(1)  # the backend's runtime speaks up at its first operation, not at import

absl.logging.set_verbosity(absl.logging.ERROR)  # that .h5 is a legacy format, at every saving
__all__ = ["keras"]
