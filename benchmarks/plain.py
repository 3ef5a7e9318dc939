"""A page built the usual way, for comparison with ours: a Sketchpad, queued events, Keras's predict."""

import gradio as gr
import numpy as np

from model.classifier import SHIPPED
from model.network.keras_network import keras

network = keras.saving.load_model(SHIPPED, compile=False)


def read(drawing: dict) -> dict[str, float]:
    if drawing["composite"] is None:  # at first, and after each Clear
        return {}
    shrunk = drawing["composite"].convert("L").resize((28, 28))
    frame = 1 - np.asarray(shrunk, np.float32) / 255
    probabilities = network.predict(frame[None, ..., None], verbose=0)[0]
    return {str(digit): float(probability) for digit, probability in enumerate(probabilities[:10])}


with gr.Blocks() as page:
    sketchpad = gr.Sketchpad(type="pil")
    label = gr.Label()
    sketchpad.change(read, sketchpad, label)

if __name__ == "__main__":
    page.launch()
