// The signature pad: drawn with a finger, a pen or the mouse, or typed on the keyboard.

const INK = "#14213d";

export function pad(box) {
  const canvas = box.querySelector("canvas");
  const value = box.querySelector("[data-signature-value]");
  const typed = box.querySelector("[data-signature-typed]");
  const pen = canvas.getContext("2d");
  let last = null;

  const clear = () => {
    pen.clearRect(0, 0, canvas.width, canvas.height);
    value.value = "";
  };
  const keep = () => {
    value.value = canvas.toDataURL("image/png");
  };
  const at = (event) => {
    const frame = canvas.getBoundingClientRect();
    return [(event.clientX - frame.left) * (canvas.width / frame.width), (event.clientY - frame.top) * (canvas.height / frame.height)];
  };
  const draw = (from, to, width) => {
    pen.strokeStyle = pen.fillStyle = INK;
    pen.lineCap = pen.lineJoin = "round";
    pen.lineWidth = width;
    pen.beginPath();
    pen.moveTo(...from);
    pen.lineTo(...to);
    pen.stroke();
  };
  canvas.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    if (typed.value) {
      typed.value = "";
      clear();
    }
    last = at(event);
    draw(last, last, 5);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!last) return;
    for (const one of event.getCoalescedEvents ? event.getCoalescedEvents() : [event]) {
      const next = at(one);
      draw(last, next, event.pressure && event.pointerType === "pen" ? 2 + 5 * event.pressure : 4);
      last = next;
    }
  });
  const up = () => {
    if (last) keep();
    last = null;
  };
  canvas.addEventListener("pointerup", up);
  canvas.addEventListener("pointercancel", up);
  typed.addEventListener("input", () => {
    clear();
    if (!typed.value.trim()) return;
    let size = 110;
    do {
      pen.font = `italic ${size}px "Segoe Script", "Bradley Hand", "URW Chancery L", cursive`;
      size -= 4;
    } while (pen.measureText(typed.value).width > canvas.width - 60 && size > 16);
    pen.fillStyle = INK;
    pen.textBaseline = "middle";
    pen.fillText(typed.value, 30, canvas.height / 2);
    keep();
  });
  // Enter in this box must not send the form unsigned.
  typed.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
  box.querySelector("[data-signature-clear]").addEventListener("click", () => {
    clear();
    typed.value = "";
    canvas.focus();
  });
}
