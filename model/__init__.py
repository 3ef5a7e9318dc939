"""Read handwritten digits off pictures: picture → ink → frame → classifier → prediction."""

from model.classifier import Classifier, Prediction, load_classifier
from model.display import display_prediction, predict_digit
from model.picture import PictureError
from model.probabilities import NetworkError

__all__ = [
    "Classifier",
    "NetworkError",
    "PictureError",
    "Prediction",
    "display_prediction",
    "load_classifier",
    "predict_digit",
]
