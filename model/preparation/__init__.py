"""From a picture to the frames of its digits: picture → ink → digits → frame."""
