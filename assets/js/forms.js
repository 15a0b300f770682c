// Small courtesies of forms. Every page works without them.
const AGAIN_AFTER_MS = 10000;

/** "None of these" unticks the others, and any other unticks it. */
function keepExclusive(event) {
  const box = event.target;
  if (box.type !== "checkbox" || !box.checked || !box.form) return;
  const group = [...box.form.elements].filter((other) => other.type === "checkbox" && other.name === box.name && other !== box);
  const alone = "exclusive" in box.dataset;
  group.filter((other) => alone || "exclusive" in other.dataset).forEach((other) => { other.checked = false; });
}

function release(form) {
  delete form.dataset.sent;
  form.querySelectorAll("[data-held]").forEach((button) => {
    button.disabled = false;
    delete button.dataset.held;
  });
}

/** The second tap of an impatient thumb sends nothing. Buttons are disabled after the form data has been taken. */
function sendOnce(event) {
  const form = event.target;
  if (event.defaultPrevented || "allowRepeat" in form.dataset) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  setTimeout(() => form.querySelectorAll("button[type=submit]:not([disabled])").forEach((button) => {
    button.disabled = true;
    button.dataset.held = "yes";
  }), 0);
  setTimeout(() => release(form), AGAIN_AFTER_MS);
}

/** Brings the reader to the field, with its label or question in view. */
function goToField(event) {
  const link = event.target.closest(".nhsuk-error-summary a[href^='#']");
  const field = link && document.getElementById(link.hash.slice(1));
  if (!field) return;
  event.preventDefault();
  const legend = field.closest("fieldset")?.querySelector("legend");
  (legend ?? document.querySelector(`label[for="${CSS.escape(field.id)}"]`) ?? field).scrollIntoView();
  field.focus({ preventScroll: true });
}

function focusErrorSummary() {
  const summary = document.querySelector(".nhsuk-error-summary");
  if (!summary) return;
  summary.tabIndex = -1;
  summary.focus();
  summary.addEventListener("click", goToField);
}

function revealSecrets() {
  document.querySelectorAll("[data-reveal]").forEach((button) => {
    const field = document.getElementById(button.dataset.reveal);
    button.hidden = false;
    button.addEventListener("click", () => {
      const shown = field.type === "text";
      field.type = shown ? "password" : "text";
      button.textContent = shown ? button.dataset.show : button.dataset.hide;
      button.setAttribute("aria-pressed", String(!shown));
    });
    field.form?.addEventListener("submit", () => { field.type = "password"; });
  });
}

function offerPrint() {
  document.querySelectorAll("[data-print]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  });
}

export function attendForms() {
  document.addEventListener("change", keepExclusive);
  document.addEventListener("submit", sendOnce);
  window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(release));
  focusErrorSummary();
  revealSecrets();
  offerPrint();
}
