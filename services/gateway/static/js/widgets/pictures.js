// @ts-check
// `maximum image size` (fields.md): the browser makes a picture smaller before it is sent.

const QUALITY = 0.9; // of JPEG and WebP

/** @param {File} file @param {number} largest px @param {string} wanted MIME type @returns {Promise<File>} the file itself if it may stay as it is */
async function smaller(file, largest, wanted) {
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, largest / Math.max(picture.width, picture.height));
  if (scale === 1 && wanted === file.type) return file;
  const canvas = new OffscreenCanvas(Math.round(picture.width * scale), Math.round(picture.height * scale));
  canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  const blob = await canvas.convertToBlob({ type: wanted, quality: QUALITY });
  const ending = (blob.type.split("/")[1] ?? "").replace("jpeg", "jpg");
  return new File([blob], `${file.name.replace(/\.[^.]*$/, "")}.${ending}`, { type: blob.type });
}

/** @param {HTMLInputElement} input */
async function shrink(input) {
  const kept = new DataTransfer();
  const { maxImage, imageType } = input.dataset;
  for (const file of input.files ?? []) {
    const picture = file.type.startsWith("image/") && file.type !== "image/svg+xml";
    // Not a picture after all: the server decides.
    const found = picture ? await smaller(file, Number(maxImage), imageType ? `image/${imageType}` : file.type).catch(() => file) : file;
    kept.items.add(found);
  }
  input.files = kept.files;
}

/** @param {HTMLInputElement} input */
export function shrinking(input) {
  input.addEventListener("change", () => void shrink(input));
}
