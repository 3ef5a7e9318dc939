"""From a picture to the frame of its digit: picture → ink → frame."""
