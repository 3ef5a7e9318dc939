// Paints a drawing on a canvas.
//
// A drawing is a list of strokes { erases, points }, a point is [x, y, pressure]. Coordinates are fractions of the
// pad's side; the pressure is NO_PRESSURE if the device does not report it. Undo, links and reading all use this form.

export const NO_PRESSURE = 0.5;
export const PEN = 0.04; // width of the pen at NO_PRESSURE, as a fraction of the pad's side
export const ERASER = 0.15;
const [MIN_WIDTH, PRESSURE_GAIN] = [0.6, 0.8]; // the pen's relative width is MIN_WIDTH + PRESSURE_GAIN * pressure

export function paint(canvas, drawing, { ink, paper } = { ink: "#000", paper: "#fff" }) {
  const side = canvas.width;
  const context = canvas.getContext("2d");
  context.fillStyle = paper;
  context.fillRect(0, 0, side, side);
  context.lineCap = context.lineJoin = "round";
  for (const { erases, points } of drawing) {
    context.strokeStyle = erases ? paper : ink;
    let [fromX, fromY] = points[0];
    // Curves through the midpoints between points: smooth, however few points the device reports.
    points.forEach(([x, y, pressure], index) => {
      const [nextX, nextY] = points[index + 1] ?? [x, y];
      const [toX, toY] = [(x + nextX) / 2, (y + nextY) / 2];
      context.beginPath();
      context.lineWidth = side * (erases ? ERASER : PEN * (MIN_WIDTH + PRESSURE_GAIN * pressure));
      context.moveTo(fromX * side, fromY * side);
      context.quadraticCurveTo(x * side, y * side, toX * side, toY * side);
      context.stroke();
      [fromX, fromY] = [toX, toY];
    });
  }
}
