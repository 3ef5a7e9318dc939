"""Keras, imported without TensorFlow's start-up messages.

TensorFlow writes its CPU and oneDNN notices straight to file descriptor 2, before any log level it offers takes
effect. So the descriptor itself is set aside while Keras starts; should that fail, everything that was said is shown.
"""

import os

import absl.logging

from model.quiet import stderr_held_back

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
with stderr_held_back():
    import keras

    keras.ops.zeros(1)  # the backend's runtime speaks up at its first operation, not at import

absl.logging.set_verbosity(absl.logging.ERROR)  # that .h5 is a legacy format, at every saving
__all__ = ["keras"]
