/* Buttons with data-share="text" open the phone's own list of ways to share, where it has one. */

for (const button of document.querySelectorAll("[data-share]")) {
  if (!navigator.share) continue;
  button.hidden = false;
  button.addEventListener("click", () => {
    navigator.share({ text: button.dataset.share, url: button.dataset.shareLink }).catch(() => {});
  });
}
