// The outlines of a mask, for the eye.

// Returns closed polygons of [x, y] around the mask and its holes, through the middles of the edges between pixels
// inside and outside.
export function outlines({ width, height, data }) {
  const isInside = (x, y) => x >= 0 && x < width && y >= 0 && y < height && data[y * width + x] > 0;
  const corner = (x, y) => y * (width + 1) + x;
  // The edges by the corner at which they begin; the mask is on their right.
  const edges = new Map();
  const add = (x, y, toX, toY) => {
    const edge = { middle: [(x + toX) / 2, (y + toY) / 2], end: corner(toX, toY) };
    edges.set(corner(x, y), [...(edges.get(corner(x, y)) ?? []), edge]);
  };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (!isInside(x, y)) continue;
      if (!isInside(x, y - 1)) add(x, y, x + 1, y);
      if (!isInside(x + 1, y)) add(x + 1, y, x + 1, y + 1);
      if (!isInside(x, y + 1)) add(x + 1, y + 1, x, y + 1);
      if (!isInside(x - 1, y)) add(x, y + 1, x, y);
    }
  }
  const polygons = [];
  for (const [start, beginning] of edges) {
    while (beginning.length) {
      const polygon = [];
      let at = start;
      do {
        const { middle, end } = edges.get(at).pop();
        polygon.push(middle);
        at = end;
      } while (at !== start);
      polygons.push(withoutStraightPoints(polygon));
    }
  }
  return polygons;
}

function withoutStraightPoints(polygon) {
  return polygon.filter(([x, y], index) => {
    const [[fromX, fromY], [toX, toY]] = [polygon.at(index - 1), polygon[(index + 1) % polygon.length]];
    return (x - fromX) * (toY - y) !== (y - fromY) * (toX - x);
  });
}
