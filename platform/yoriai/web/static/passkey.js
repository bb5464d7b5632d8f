/* Keys, cards, faces and fingers (WebAuthn): the options stand on the form, the answer is sent with it. And forms sent on by themselves. */
(function () {
  "use strict";

  const FAULTS = {
    NotAllowedError: "確認が中止されたか、時間が切れました。もう一度操作してください。",
    InvalidStateError: "この機器はすでに登録されています。",
    SecurityError: "このアドレスでは機器を使えません。名前のアドレスを https で開いてください。",
    NotSupportedError: "この機器は使えません。",
  };

  function toBytes(text) {
    const plain = text.replace(/-/g, "+").replace(/_/g, "/");
    return Uint8Array.from(atob(plain), (letter) => letter.charCodeAt(0));
  }

  function toText(buffer) {
    let text = "";
    for (const byte of new Uint8Array(buffer)) text += String.fromCharCode(byte);
    return btoa(text).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }

  const descriptors = (list) => (list || []).map((each) => ({ ...each, id: toBytes(each.id) }));

  function prepared(kind, options) {
    const ready = { ...options, challenge: toBytes(options.challenge) };
    if (kind === "get") return { ...ready, allowCredentials: descriptors(options.allowCredentials) };
    return {
      ...ready,
      user: { ...options.user, id: toBytes(options.user.id) },
      excludeCredentials: descriptors(options.excludeCredentials),
    };
  }

  /** What the key said, as JSON with its bytes in Base64url. */
  function described(credential) {
    const response = {};
    const parts = ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"];
    for (const name of parts) if (credential.response[name]) response[name] = toText(credential.response[name]);
    return JSON.stringify({
      id: credential.id,
      rawId: toText(credential.rawId),
      type: credential.type,
      response,
      clientExtensionResults: credential.getClientExtensionResults(),
    });
  }

  async function start(form) {
    const status = form.querySelector("[data-passkey-status]");
    if (!window.PublicKeyCredential) {
      status.textContent = "このブラウザ、またはこのアドレスでは機器を使えません。";
      return;
    }
    status.textContent = "機器の案内に従ってください。";
    const kind = form.dataset.passkey;
    try {
      const publicKey = prepared(kind, JSON.parse(form.dataset.options));
      const credential = await navigator.credentials[kind]({ publicKey });
      form.elements.answer.value = described(credential);
    } catch (error) {
      status.textContent = FAULTS[error.name] || `機器を使えませんでした（${error.name}）。`;
      return;
    }
    status.textContent = "確認しています。";
    form.requestSubmit();
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-passkey-start]");
    if (button) start(button.form);
  });

  /* A key cannot be registered by sending the form alone: Enter in the field of its name means the button. */
  document.addEventListener(
    "submit",
    (event) => {
      const form = event.target;
      if (form.dataset.passkey !== "create" || form.elements.answer.value) return;
      event.preventDefault();
      start(form);
    },
    true,
  );

  document.addEventListener("DOMContentLoaded", () => document.querySelector("form[data-resend]")?.requestSubmit());
})();
