// A button that copies the field it names; without a clipboard it selects the text.

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copy);
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
  } catch {
    return;
  }
  const detail = { text: field.dataset.copied, tone: "ok" };
  document.dispatchEvent(new CustomEvent("toast", { detail }));
});
