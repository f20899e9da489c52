// @ts-check
// The signature: drawn with a finger, a pen or the mouse (signature_pad), or typed on the keyboard.
import SignaturePad from "../../vendor/signature_pad/signature_pad.js";
import { first } from "../dom.js";

const INK = "#14213d";
const WIDTHS = { minWidth: 0.9, maxWidth: 2.6, dotSize: 1.8 }; // px on the screen
const LARGEST = 110; // px of a typed name, on the picture; smaller until it fits
const SMALLEST = 16;
const MARGIN = 30;

/** Write `name` across the picture as large as it fits. @param {HTMLCanvasElement} canvas @param {string} name */
function write(canvas, name) {
  const pen = canvas.getContext("2d");
  if (!pen) return;
  pen.setTransform(1, 0, 0, 1, 0, 0);
  let size = LARGEST;
  do {
    pen.font = `italic ${size}px "Segoe Script", "Bradley Hand", "URW Chancery L", cursive`;
    size -= 4;
  } while (pen.measureText(name).width > canvas.width - 2 * MARGIN && size > SMALLEST);
  pen.fillStyle = INK;
  pen.textBaseline = "middle";
  pen.fillText(name, MARGIN, canvas.height / 2);
}

/** @param {HTMLElement} box */
export function signature(box) {
  const canvas = first(box, "canvas", HTMLCanvasElement);
  const value = first(box, "[data-signature-value]", HTMLInputElement);
  const typed = first(box, "[data-signature-typed]", HTMLInputElement);
  if (!canvas || !value || !typed) return;
  const pad = new SignaturePad(canvas, { penColor: INK, throttle: 0, ...WIDTHS });
  const keep = () => {
    value.value = canvas.toDataURL("image/png");
    value.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const clear = () => {
    canvas.getContext("2d")?.setTransform(1, 0, 0, 1, 0, 0);
    pad.clear();
    value.value = "";
  };
  pad.addEventListener("beginStroke", () => {
    if (typed.value) {
      typed.value = "";
      clear();
    }
    // The picture always has the same size; the pad draws in pixels of the screen.
    const { width, height } = canvas.getBoundingClientRect();
    canvas.getContext("2d")?.setTransform(canvas.width / width, 0, 0, canvas.height / height, 0, 0);
  });
  pad.addEventListener("endStroke", keep);
  typed.addEventListener("input", () => {
    clear();
    if (!typed.value.trim()) return;
    write(canvas, typed.value);
    keep();
  });
  // Enter in this box must not send the form unsigned.
  typed.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
  first(box, "[data-signature-clear]", HTMLButtonElement)?.addEventListener("click", () => {
    clear();
    typed.value = "";
    canvas.focus();
  });
}
