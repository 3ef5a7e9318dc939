"""The ink network: a small U-Net that finds handwriting in pictures, trained on synthetic photos."""

from model.network.keras_network import keras
from model.training.recipes import InkRecipe

layers, ops = keras.layers, keras.ops

#: Channels of the encoder's levels, each at half the resolution of the one before, and of the decoder's.
ENCODER, DECODER = (20, 32, 48, 64, 72), (48, 40, 28, 20)
#: Momentum of the moving averages in batch normalisation: runs have few thousand steps.
MOMENTUM = 0.97
#: Bias of the outputs: ink is rare.
OUTPUT_BIAS = -2.0
#: The learning rate rises for this many steps, from a tenth, and falls to this fraction of its largest value.
WARM_UP_STEPS, FINAL_RATE = 200, 0.01
#: Weights in the loss of the cross-entropy of ink and of contact, and of the Dice loss of ink.
INK_WEIGHT, CONTACT_WEIGHT, DICE_WEIGHT = 2.0, 2.0, 1.0
#: Weight of pixels in contact, which are rare, relative to others.
CONTACT_BALANCE = 4.0
#: Added to both sides of the Dice coefficient's fraction, so that blank photos have one.
DICE_PRIOR = 30.0
#: The model card's section on what the parts of the recipe contribute, in Markdown, kept by hand.
ABLATIONS = ""


def network() -> keras.Model:
    """Build the network: standardised pictures (n, h, w, 2), h and w multiples of 32, to logits (n, h, w, 2).

    The logits are of ink and of contact between two characters. The architecture is a U-Net (Ronneberger, Fischer and
    Brox 2015, "U-Net: convolutional networks for biomedical image segmentation") whose first and last layers, which
    would cost most, work at half the resolution.
    """
    inputs = keras.Input((None, None, 2), name="standardised")
    features = _normalised(layers.Conv2D(ENCODER[0], 4, strides=2, padding="same", use_bias=False), inputs)
    features = _convolution(features, ENCODER[0])
    skipped = []
    for filters in ENCODER[1:]:
        skipped.append(features)
        features = _convolution(_convolution(features, filters, strides=2), filters)
    for filters, skip in zip(DECODER, reversed(skipped), strict=True):
        features = _convolution(layers.Concatenate()([layers.UpSampling2D()(features), skip]), filters)
    bias = keras.initializers.Constant(OUTPUT_BIAS)
    outputs = layers.Conv2DTranspose(2, 4, strides=2, padding="same", bias_initializer=bias, dtype="float32")(features)
    return keras.Model(inputs, outputs, name="ink")


def _convolution(features: keras.KerasTensor, filters: int, strides: int = 1) -> keras.KerasTensor:
    return _normalised(layers.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False), features)


def _normalised(convolution: keras.layers.Layer, features: keras.KerasTensor) -> keras.KerasTensor:
    normalisation = layers.BatchNormalization(momentum=MOMENTUM)
    return layers.Activation("relu")(normalisation(convolution(features)))


def loss(expected: keras.KerasTensor, logits: keras.KerasTensor) -> keras.KerasTensor:
    """Return the loss of a batch: cross-entropy of ink and contact, and the Dice loss of ink.

    The Dice loss counts small writing as much as large (Milletari, Navab and Ahmadi 2016, "V-Net").
    """
    ink, contact = expected[..., 0], expected[..., 1]
    found = ops.sigmoid(logits[..., 0])
    overlap, total = (ops.sum(values, axis=(1, 2)) for values in (found * ink, found + ink))
    dice = 1 - (2 * overlap + DICE_PRIOR) / (total + DICE_PRIOR)
    balanced = (1 + (CONTACT_BALANCE - 1) * contact) * _cross_entropy(contact, logits[..., 1])
    return (
        INK_WEIGHT * ops.mean(_cross_entropy(ink, logits[..., 0]))
        + CONTACT_WEIGHT * ops.mean(balanced)
        + DICE_WEIGHT * ops.mean(dice)
    )


def _cross_entropy(expected: keras.KerasTensor, logits: keras.KerasTensor) -> keras.KerasTensor:
    return ops.maximum(logits, 0) - logits * expected + ops.log1p(ops.exp(-ops.abs(logits)))


def optimizer(learning_rate: float, steps: int) -> keras.optimizers.Optimizer:
    """Return AdamW with a cosine learning rate over the steps and averaged weights, which are validated and saved."""
    schedule = keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=learning_rate / 10,
        warmup_target=learning_rate,
        warmup_steps=WARM_UP_STEPS,
        decay_steps=max(1, steps - WARM_UP_STEPS),
        alpha=FINAL_RATE,
    )
    return keras.optimizers.AdamW(schedule, weight_decay=1e-3, use_ema=True, ema_momentum=0.998, clipnorm=1.0)


RECIPE = InkRecipe(
    summary="a U-Net that finds handwriting in pictures; synthetic photos, cosine decay, averaged weights",
    network=network,
    optimizer=optimizer,
    learning_rate=4e-3,
    loss=loss,
    batch_size=32,
    epochs=84,
    steps=250,
    validation_steps=16,
    kind_photos=50,
    ablations=ABLATIONS,
)
