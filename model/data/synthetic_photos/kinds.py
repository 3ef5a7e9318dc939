"""Kinds of synthetic photos: how probable everything is that may be in one."""

from dataclasses import dataclass, replace

from model.data.synthetic_photos.fields import Range


@dataclass(frozen=True)
class PhotoKind:
    """What photos of one kind have in common. Floats are probabilities, 0..1; pairs are limits of what is drawn.

    The defaults are the mixture that networks are trained on.

    Attributes:
        blank: nothing is written.
        rows: several characters are written, in rows, unless the photo is much wider than high, where they always are.
        several_rows: of several characters, two or three rows.
        columns: characters in a row.
        advance: distance between the centres of characters in a row, in heights.
        sums: of several characters, digits with operators between them.
        mixed: of several characters, digits and others.
        others: of several characters, others only.
        other: of single characters, one that is not a digit.
        second: beside a small single character, another.
        height: of a single character, in fractions of the photo's shorter side.
        separators: points, commas and dashes between several characters.
        joined: neighbours in a row are joined by lines.
        raised: the last characters of a row are smaller and raised.
        screen: drawn on a screen: no paper, light or camera.
        transparent: of drawings on a screen, the background is transparent.
        faint: the ink absorbs little light.
        texture: the ink is uneven: grainy, hatched, broken, outlined.
        ruling: ruled, graph or dotted paper.
        spacing: of the ruling, in fractions of the photo's longer side.
        pattern: a fine printed pattern, as on cheques.
        box: a box, an ellipse or form fields around the characters.
        underline: a line under the characters.
        text: small print.
        specks: dots of dirt.
        creases: creases in the paper.
        edge, sheet, finger: the paper ends in the photo, or a finger is on it.
        gradient, vignette, lamp, shadow, reflection: of the light.
        colour: paper, print and ink are of different colours.
        negative: the ink is lighter than what it is on.
        perspective, low_resolution, defocus, motion, sharpening, noise, stretch, jpeg: of the camera.
    """

    blank: float = 0.06
    rows: float = 0.45
    several_rows: float = 0.3
    columns: tuple[int, int] = (2, 8)
    advance: Range = (0.5, 1.0)
    sums: float = 0.1
    mixed: float = 0.15
    others: float = 0.08
    other: float = 0.25
    second: float = 0.3
    height: Range = (0.09, 0.97)
    separators: float = 0.35
    joined: float = 0.12
    raised: float = 0.1
    screen: float = 0.16
    transparent: float = 0.1
    faint: float = 0.35
    texture: float = 0.55
    ruling: float = 0.48
    spacing: Range = (0.03, 0.6)
    pattern: float = 0.1
    box: float = 0.22
    underline: float = 0.08
    text: float = 0.05
    specks: float = 0.05
    creases: float = 0.1
    edge: float = 0.13
    sheet: float = 0.1
    finger: float = 0.05
    gradient: float = 0.5
    vignette: float = 0.3
    lamp: float = 0.1
    shadow: float = 0.13
    reflection: float = 0.05
    colour: float = 0.25
    negative: float = 0.3
    perspective: float = 0.12
    low_resolution: float = 0.35
    defocus: float = 0.45
    motion: float = 0.12
    sharpening: float = 0.1
    noise: float = 0.6
    stretch: float = 0.3
    jpeg: float = 0.35


_NOTHING = {name: 0.0 for name, default in vars(PhotoKind()).items() if isinstance(default, float)}
#: One digit of moderate size on plain paper.
PLAIN = PhotoKind(**_NOTHING | {"height": (0.2, 0.7), "gradient": 0.5, "noise": 0.5, "colour": 0.25})
#: The kinds that are measured, by name.
PHOTO_KINDS = {
    "plain": PLAIN,
    "ruled": replace(PLAIN, ruling=1),
    "ruled, blurred": replace(PLAIN, ruling=1, defocus=1),
    "wide lines": replace(PLAIN, ruling=1, spacing=(0.2, 0.5)),
    "cheque pattern": replace(PLAIN, pattern=1),
    "box": replace(PLAIN, box=1, height=(0.2, 0.5)),
    "underline": replace(PLAIN, underline=1),
    "small print": replace(PLAIN, text=1),
    "creases": replace(PLAIN, creases=1),
    "desk edge": replace(PLAIN, edge=1),
    "sheet": replace(PLAIN, sheet=1),
    "finger": replace(PLAIN, finger=1),
    "vignette": replace(PLAIN, vignette=1),
    "lamp": replace(PLAIN, lamp=1),
    "shadow": replace(PLAIN, shadow=1),
    "reflection": replace(PLAIN, reflection=1),
    "faint": replace(PLAIN, faint=1),
    "pencil": replace(PLAIN, faint=1, texture=1),
    "coloured": replace(PLAIN, colour=1),
    "negative": replace(PLAIN, negative=1, texture=0.5),
    "perspective": replace(PLAIN, perspective=1),
    "defocus": replace(PLAIN, defocus=1),
    "motion": replace(PLAIN, motion=1),
    "noise": replace(PLAIN, noise=1),
    "JPEG": replace(PLAIN, jpeg=1),
    "small": replace(PLAIN, height=(0.09, 0.15)),
    "low resolution": replace(PLAIN, low_resolution=1),
    "screen": replace(PLAIN, screen=1),
    "transparent": replace(PLAIN, screen=1, transparent=1),
}
#: Kinds of photos with several digits in a row.
NUMBER_KINDS = {
    "number": replace(PLAIN, rows=1),
    "number on ruled paper": replace(PLAIN, rows=1, ruling=1),
    "number on a cheque": replace(PLAIN, rows=1, pattern=1, separators=0.3),
    "wide number": replace(PLAIN, rows=1, advance=(0.8, 1.0)),
    "joined number": replace(PLAIN, rows=1, advance=(0.7, 1.0), joined=1),
}
