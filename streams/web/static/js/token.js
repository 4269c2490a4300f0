// Asks for the token of the server.

import { byId } from "./dom.js";
import { sendToken } from "./server.js";

/** Ask until the token is right. */
export function askForToken() {
  const dialog = byId("token");
  const form = dialog.querySelector("form");
  const wrong = dialog.querySelector(".wrong");
  return new Promise((resolve) => {
    const submit = async (event) => {
      event.preventDefault();
      const problem = await sendToken(form.elements.token.value);
      wrong.textContent = problem ?? "";
      if (problem) return;
      form.reset();
      form.removeEventListener("submit", submit);
      dialog.close();
      resolve();
    };
    form.addEventListener("submit", submit);
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    if (!dialog.open) dialog.showModal();
  });
}
