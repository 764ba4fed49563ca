/* Reads a QR code or barcode with the camera, or from a photo, without leaving the shop's own
   server: the browser's detector where there is one, else the reader in WebAssembly. The text goes
   into the field [data-target] and, with [data-submit], its form is sent. */

const config = document.getElementById("than-config")?.dataset ?? {};
const texts = JSON.parse(document.getElementById("than-texts")?.textContent ?? "{}");
const FORMATS = ["qr_code", "code_128", "ean_13", "ean_8", "code_39"];
const PAUSE_MS = 180;
let ready;

function script(address) {
  return new Promise((resolve, reject) => {
    const element = document.createElement("script");
    element.src = address;
    element.onload = resolve;
    element.onerror = () => reject(new Error("reader"));
    document.head.append(element);
  });
}

async function makeDetector() {
  if ("BarcodeDetector" in window) {
    const known = await window.BarcodeDetector.getSupportedFormats().catch(() => []);
    if (known.includes("qr_code")) return new window.BarcodeDetector({ formats: FORMATS.filter((f) => known.includes(f)) });
  }
  await script(config.barcode);
  const { BarcodeDetector, prepareZXingModule } = window.BarcodeDetectionAPI;
  prepareZXingModule({ overrides: { locateFile: (path, prefix) => (path.endsWith(".wasm") ? config.zxing : prefix + path) } });
  return new BarcodeDetector({ formats: FORMATS });
}

const detector = () => (ready ??= makeDetector().catch((error) => { ready = undefined; throw error; }));

class Scanner {
  constructor(root) {
    this.root = root;
    this.dialog = root.querySelector("dialog");
    this.video = root.querySelector("video");
    this.status = root.querySelector("[role=status]");
    this.hint = this.status.textContent;
    this.torch = root.querySelector("[data-scanner-torch]");
    this.turn = root.querySelector("[data-scanner-turn]");
    this.facing = "environment";
    root.querySelector("[data-scanner-open]").addEventListener("click", () => this.open());
    root.querySelector("[data-scanner-close]").addEventListener("click", () => this.dialog.close());
    root.querySelector("input[type=file]").addEventListener("change", (event) => this.fromFile(event.target));
    this.torch.addEventListener("click", () => this.light(!this.lit));
    this.turn.addEventListener("click", () => this.flip());
    this.dialog.addEventListener("close", () => this.stop());
  }

  say(text, failed = false) {
    this.status.textContent = text;
    this.dialog.classList.toggle("has-error", failed);
  }

  async open() {
    this.dialog.classList.remove("is-found");
    this.say(this.hint);
    this.dialog.showModal();
    await this.start();
  }

  async start() {
    if (!navigator.mediaDevices?.getUserMedia) return this.say(texts.no_camera, true);
    try {
      const video = { facingMode: { ideal: this.facing }, width: { ideal: 1280 }, height: { ideal: 1280 } };
      this.stream = await navigator.mediaDevices.getUserMedia({ video, audio: false });
    } catch (error) {
      return this.say(error.name === "NotAllowedError" ? texts.camera_refused : texts.no_camera, true);
    }
    if (!this.dialog.open) return this.stop();
    this.video.srcObject = this.stream;
    await this.video.play().catch(() => {});
    const [track] = this.stream.getVideoTracks();
    this.torch.hidden = !track.getCapabilities?.().torch;
    const cameras = (await navigator.mediaDevices.enumerateDevices()).filter((d) => d.kind === "videoinput");
    this.turn.hidden = cameras.length < 2;
    return this.look();
  }

  async look() {
    let reader;
    try { reader = await detector(); } catch { return this.say(texts.reader_failed, true); }
    while (this.stream && this.dialog.open) {
      const codes = await reader.detect(this.video).catch(() => []);
      if (codes.length) return this.found(codes[0].rawValue);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    return undefined;
  }

  async fromFile(input) {
    const [file] = input.files;
    if (!file) return;
    input.value = "";
    try {
      const codes = await (await detector()).detect(await createImageBitmap(file));
      if (codes.length) this.found(codes[0].rawValue);
      else this.say(texts.no_code, true);
    } catch {
      this.say(texts.reader_failed, true);
    }
  }

  found(text) {
    this.dialog.classList.add("is-found");
    navigator.vibrate?.(60);
    const field = document.getElementById(this.root.dataset.target);
    if (field) {
      field.value = text;
      field.dispatchEvent(new Event("input", { bubbles: true }));
      field.dispatchEvent(new Event("change", { bubbles: true }));
    }
    this.root.dispatchEvent(new CustomEvent("than:scanned", { bubbles: true, detail: { text } }));
    this.dialog.close();
    if ("submit" in this.root.dataset) field?.form?.requestSubmit();
  }

  async light(on) {
    const [track] = this.stream?.getVideoTracks() ?? [];
    await track?.applyConstraints({ advanced: [{ torch: on }] }).catch(() => {});
    this.lit = on;
  }

  async flip() {
    this.facing = this.facing === "environment" ? "user" : "environment";
    this.stop();
    await this.start();
  }

  stop() {
    this.stream?.getTracks().forEach((track) => track.stop());
    this.stream = undefined;
    this.video.srcObject = null;
    this.lit = false;
  }
}

const dressed = new WeakSet();
function start(root) {
  for (const element of root.querySelectorAll("[data-scanner]")) {
    if (dressed.has(element)) continue;
    dressed.add(element);
    new Scanner(element);
  }
}
document.addEventListener("htmx:load", (event) => start(event.detail.elt.parentElement ?? event.detail.elt));
start(document);
