// Writing a data package or a report: asked for, followed, stopped, fetched. The server works on it, whatever becomes of the page.
window.regionscope = window.regionscope ?? {};
((R) => {
  const EVERY_MS = 400;
  const at = (name) => R.byId(`package-${name}`);
  const WORDS = {
    package: ["Data package", "A ZIP that others can use without asking: tables (Psych-DS), masks, pictures, designs, models' cards.", "Write the package"],
    report: ["Report", "One file to read and to print: design, flow of participants, results, figures, quality, methods.", "Write the report"],
  };
  let job = null;
  let about = null;

  const show = (state) => {
    at("choices").hidden = state !== "choosing";
    at("act").hidden = state !== "choosing";
    at("working").hidden = state !== "working";
    at("file").hidden = state !== "done";
    at("cancel").textContent = state === "working" ? "Stop" : state === "done" ? "Close" : "Cancel";
    if (state !== "working") at("progress").removeAttribute("value");
  };
  const open = (of) => {
    about = of;
    const [title, words, act] = WORDS[of.report ? "report" : "package"];
    at("title").textContent = title;
    at("about").textContent = words;
    at("act").textContent = act;
    if (at("recruiter_ids")) at("recruiter_ids").hidden = Boolean(of.report);
    at("message").textContent = "";
    at("status").textContent = "";
    show("choosing");
    at("dialog").showModal();
  };
  const choices = () => {
    const found = { pictures: at("pictures").value };
    if (at("excluded")) found.excluded = at("excluded").value;
    for (const name of ["free_text", "recruiter_ids"]) if (at(name) && !at(name).hidden) found[name] = at(name).getAttribute("aria-checked") === "true";
    return found;
  };
  const failed = (sentence) => {
    job = null;
    at("message").textContent = sentence;
    show("choosing");
  };

  const begin = async () => {
    at("message").textContent = "";
    const mine = (job = R.newId());
    show("working");
    at("progress-text").textContent = "Beginning …";
    try {
      await R.post("/api/v1/exports", { id: mine, ...about, choices: choices() });
      follow(mine);
    } catch (error) {
      if (job === mine) failed(error.message);
    }
  };
  const follow = async (mine) => {
    if (job !== mine) return;
    const response = await fetch(`/api/v1/exports/${mine}`, { cache: "no-store" }).catch(() => null);
    const found = await response?.json().catch(() => null);
    if (job !== mine) return;
    // A server that does not answer now may do so later: it is written meanwhile.
    if (!response || response.status >= 500) at("progress-text").textContent = "The server does not answer; trying again …";
    else if (!response.ok) return failed(found?.error ?? "The file is not there any more.");
    else if (found.state === "failed") return failed(found.message);
    else if (found.state === "done") return finished(mine, found);
    else progress(found);
    setTimeout(() => follow(mine), EVERY_MS);
  };
  const progress = ({ done, total }) => {
    if (!total) return;
    at("progress").value = done / total;
    at("progress-text").textContent = `${Math.floor((100 * done) / total)} %`;
  };
  const finished = (mine, { size, name, file }) => {
    job = null;
    const link = at("file");
    const megabytes = (size / 1e6).toLocaleString("en", { maximumFractionDigits: 1 });
    link.href = `/api/v1/exports/${mine}/${file}`;
    link.textContent = `Download ${name}.${file.split(".").pop()} (${megabytes} MB)`;
    at("status").textContent = "The file is ready.";
    show("done");
    link.focus();
  };
  const stop = () => {
    const mine = job;
    job = null;
    if (mine) fetch(`/api/v1/exports/${mine}`, { method: "DELETE" }).catch(() => null);
    at("dialog").close();
  };

  const asked = ({ study, report }) => (study ? { study, ...(report !== undefined && { report: true }) } : R.packageOf());

  R.openPackage = open;
  document.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-package]");
    if (button && !button.disabled) open(asked(button.dataset));
    else if (target.closest("#package-act")) begin();
    else if (target.closest("#package-cancel")) stop();
    const box = target.closest("#package-dialog [role=checkbox]");
    if (box) box.setAttribute("aria-checked", String(box.getAttribute("aria-checked") !== "true"));
  });
  // Esc closes a dialog by itself; what was being written is not wanted any more.
  document.addEventListener("cancel", (event) => {
    if (event.target.id !== "package-dialog") return;
    event.preventDefault();
    stop();
  }, true);
})(window.regionscope);
