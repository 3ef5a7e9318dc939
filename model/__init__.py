"""Read handwritten digits in pictures: picture → ink → digits → frames → classifier → prediction."""

from model.classifier import Classifier, Prediction, load_classifier
from model.display import display_prediction, predict_digit, predict_number
from model.errors import DigitPadError
from model.network.base import NetworkError
from model.preparation.picture import PictureError

__all__ = [
    "Classifier",
    "DigitPadError",
    "NetworkError",
    "PictureError",
    "Prediction",
    "display_prediction",
    "load_classifier",
    "predict_digit",
    "predict_number",
]
