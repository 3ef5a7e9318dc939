// Paints a drawing on a canvas.
//
// A drawing is a list of strokes { erases, points }, a point is [x, y, pressure]. Coordinates are fractions of the pad's
// side; the pressure is 0.5 where the device does not report it. Undo, resizing, links and reading all use this form.

export const PEN = 0.075; // width of the pen at a pressure of 0.5, as a fraction of the pad's side
export const ERASER = 0.15;

export function paint(canvas, drawing) {
  const side = canvas.width;
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, side, side);
  context.lineCap = context.lineJoin = "round";
  for (const { erases, points } of drawing) {
    context.strokeStyle = erases ? "#fff" : "#000";
    let [fromX, fromY] = points[0];
    // Curves through the midpoints between points: smooth, however few points the device reports.
    points.forEach(([x, y, pressure], index) => {
      const [nextX, nextY] = points[index + 1] ?? [x, y];
      const [toX, toY] = [(x + nextX) / 2, (y + nextY) / 2];
      context.beginPath();
      context.lineWidth = side * (erases ? ERASER : PEN * (0.6 + 0.8 * pressure));
      context.moveTo(fromX * side, fromY * side);
      context.quadraticCurveTo(x * side, y * side, toX * side, toY * side);
      context.stroke();
      [fromX, fromY] = [toX, toY];
    });
  }
}
