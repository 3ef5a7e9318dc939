// Takes photos: with the camera of the system where there is a touch screen, else with the webcam, in the page.

export class Camera {
  #video;
  #stream = null;

  constructor(video) {
    this.#video = video;
  }

  // Shows the webcam's picture. Rejects if there is none, or the visitor does not allow it.
  async start() {
    this.#stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    this.#video.srcObject = this.#stream;
    await this.#video.play();
  }

  stop() {
    this.#stream?.getTracks().forEach((track) => track.stop());
    this.#stream = this.#video.srcObject = null;
  }

  // Resolves to the file of a photo of what the webcam shows.
  async shoot() {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [this.#video.videoWidth, this.#video.videoHeight];
    canvas.getContext("2d").drawImage(this.#video, 0, 0);
    return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg"));
  }
}
