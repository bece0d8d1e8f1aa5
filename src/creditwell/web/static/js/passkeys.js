// Shows what needs passkeys where the browser has them, and says it when one was refused.

const known = "PublicKeyCredential" in window;
for (const part of document.querySelectorAll("[data-needs-passkeys]")) part.hidden = !known;
for (const part of document.querySelectorAll("[data-without-passkeys]")) part.hidden = known;

// allauth's script tells of every failure; to close the browser's own window is none.
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
});
