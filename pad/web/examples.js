// Example drawings, made on this pad: the message that names each, and the drawing in the format of link.js.

export const EXAMPLES = {
  crossed_seven: "1.Rh4i5yrp0thxoS-fddceg.Y0Brb4",
  open_four: "1.XJsWhqXBvUK8UTVTcSTcPT0TUcQZEYicZtEQtUM.n5inSVnrOlek",
  footed_one: "1.Vi0Z6YgxghCfgMUgc7gOTf2e.VGgsue",
  letter:
    "1.V2fWVyWBmWRrXRnZ5njJrnh6pSIp6RqisqK4pbIobNoDalzpgD6aT8XcCXT9W8A.eT-e0If8Ogkam1Ys-ZtGfted",
  scribble:
    "1.SS2WSyhKWjaakCgjqrbkCc0JesJmzyn72nj_dNGbFeatoc1pedih1fltMncvnENlDiijIhTHgbMfTad8CddUfF2iOGvN-vt6",
};
