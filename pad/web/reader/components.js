// Connected components of a mask, 8-connected, as OpenCV's connectedComponentsWithStats() finds them.

import { newPlane } from "./plane.js";

// Returns the plane of labels, from 1 on, 0 outside the mask; and for each label its { label, box, area }.
export function connectedComponents(mask) {
  const { width, height } = mask;
  const labels = newPlane(width, height, Int32Array);
  const components = [];
  const stack = [];
  const visit = (index, label) => {
    labels.data[index] = label;
    stack.push(index);
  };
  for (let start = 0; start < mask.data.length; start++) {
    if (!mask.data[start] || labels.data[start]) continue;
    const label = components.length + 1;
    const box = [width, height, 0, 0];
    let area = 0;
    visit(start, label);
    while (stack.length) {
      const index = stack.pop();
      const [x, y] = [index % width, Math.floor(index / width)];
      box[0] = Math.min(box[0], x);
      box[1] = Math.min(box[1], y);
      box[2] = Math.max(box[2], x + 1);
      box[3] = Math.max(box[3], y + 1);
      area++;
      for (let nearY = Math.max(y - 1, 0); nearY <= Math.min(y + 1, height - 1); nearY++) {
        for (let nearX = Math.max(x - 1, 0); nearX <= Math.min(x + 1, width - 1); nearX++) {
          const near = nearY * width + nearX;
          if (mask.data[near] && !labels.data[near]) visit(near, label);
        }
      }
    }
    components.push({ label, box, area });
  }
  return { labels, components };
}
