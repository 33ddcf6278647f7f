// A passkey. What the browser is asked stands in the form; what it gives goes into the form. Nothing is fetched.
"use strict";

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const creates = form.dataset.passkey === "create";
  const button = form.querySelector("button");
  if (!window.PublicKeyCredential) continue;
  form.querySelector("[data-without]").hidden = true;
  button.hidden = false;

  form.addEventListener("submit", async (event) => {
    if (form.elements.credential.value) return;
    event.preventDefault();
    form.querySelector("[data-failed]").hidden = true;
    button.disabled = true;
    try {
      const asked = { publicKey: opened(JSON.parse(form.dataset.asks).publicKey) };
      const given = await (creates ? navigator.credentials.create(asked) : navigator.credentials.get(asked));
      form.elements.credential.value = JSON.stringify(written(given));
      form.submit();
    } catch {
      form.querySelector("[data-failed]").hidden = false;
      button.disabled = false;
    }
  });
}

// In the form bytes are letters (base64url); the browser wants them as bytes.
function opened(asked) {
  const ids = (all) => all?.map((one) => ({ ...one, id: bytes(one.id) }));
  return {
    ...asked,
    challenge: bytes(asked.challenge),
    ...(asked.user && { user: { ...asked.user, id: bytes(asked.user.id) } }),
    ...(asked.excludeCredentials && { excludeCredentials: ids(asked.excludeCredentials) }),
    ...(asked.allowCredentials && { allowCredentials: ids(asked.allowCredentials) }),
  };
}

function written(given) {
  const said = given.response;
  const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
  const response = Object.fromEntries(parts.filter((part) => said[part]).map((part) => [part, letters(said[part])]));
  return {
    type: given.type,
    id: given.id,
    rawId: letters(given.rawId),
    response,
    clientExtensionResults: given.getClientExtensionResults(),
  };
}

function bytes(letters) {
  const binary = atob(letters.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (one) => one.charCodeAt(0));
}

function letters(buffer) {
  const binary = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
