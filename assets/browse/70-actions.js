// What can be done with the selected rows. Each change carries its own id, so sending it again is always safe.
((R) => {
  const B = R.browse;
  const dialog = (name) => R.byId(`${name}-dialog`);
  const isEdits = () => B.state.view === "edits";

  // Looked up before anything is done: how many sessions and edits it is about. A long selection fits no address.
  const LONGEST_ADDRESS = 3500;
  const reach = async (selection) => {
    const said = new URLSearchParams(selection.items ? { items: selection.items.join(",") } : { query: selection.query });
    const address = `/api/v1/selection?${said}`;
    if (address.length > LONGEST_ADDRESS) return (await R.post("/api/v1/selection", selection)).json();
    return R.read(address);
  };
  const send = async (kind, selection, more = {}) => {
    const body = { id: R.newId(), kind, selection, time_ms: Date.now(), ...more };
    return (await R.post("/api/v1/events", body)).json();
  };
  B.reach = reach;

  const done = (sentence, undo = null) => {
    R.set("browse-changed", { data: Date.now() });
    B.refresh();
    R.note(sentence, undo && { label: "Undo", act: undo });
  };
  const attempt = async (act) => {
    try {
      await act();
    } catch (error) {
      R.note(`${error.message} Nothing was changed.`);
    }
  };

  // A dialog says what it is about before it can be confirmed.
  const open = (name, about, act) => {
    const shown = dialog(name);
    R.byId(`${name}-about`).textContent = about;
    R.byId(`${name}-message`).textContent = "";
    const button = R.byId(`${name}-act`);
    button.disabled = false;
    button.onclick = async () => {
      button.disabled = true;
      R.byId(`${name}-message`).textContent = "";
      try {
        await act();
        shown.close();
      } catch (error) {
        R.byId(`${name}-message`).textContent = `${error.message} Nothing was changed.`;
      }
      button.disabled = false;
    };
    shown.showModal();
  };
  document.addEventListener("click", (event) => {
    if (event.target.closest(".dialog-cancel") || event.target.matches("dialog.dialog")) event.target.closest("dialog").close();
  });
  document.addEventListener("keydown", (event) => {
    const field = event.target.closest("dialog.dialog input[type=text]");
    if (field && event.key === "Enter") field.closest("dialog").querySelector(".dialog-buttons button:last-child").click();
  });

  // The sessions behind a selection, in words; those of edits are said to be whole sessions.
  const whose = ({ sessions }) => {
    const selected = B.counted(B.selected().count, B.noun());
    if (!isEdits()) return selected;
    return `the ${B.counted(sessions, "whole session")} that hold${sessions === 1 ? "s" : ""} the ${selected} you selected`;
  };

  const compare = () => {
    const reason = B.whyNotCompare(B.selected().count);
    if (reason) R.note(reason);
    else location.assign(`/compare?items=${B.compared().join(",")}`);
  };

  // A form, for a long selection does not fit into an address.
  const exportRows = () => {
    const { everything, count } = B.selected();
    const form = B.el("form");
    form.method = "post";
    form.action = `/api/v1/rows.csv?${B.query(B.state)}`;
    form.hidden = true;
    if (count && !everything) {
      const field = B.el("input");
      field.type = "hidden";
      field.name = "items";
      field.value = B.selection().items.join(",");
      form.append(field);
    }
    document.body.append(form);
    form.submit();
    form.remove();
    R.note(`Writing ${B.counted(count || B.total, "row")} as a CSV file.`);
  };

  const toggle = (tag, pressed) => {
    const button = B.el("button", "chip", tag);
    button.type = "button";
    button.dataset.tag = tag;
    button.setAttribute("aria-pressed", String(pressed));
    button.addEventListener("click", () => button.setAttribute("aria-pressed", String(button.getAttribute("aria-pressed") !== "true")));
    return button;
  };
  const pressed = (place) => [...R.byId(place).querySelectorAll('[aria-pressed="true"]')].map((button) => button.dataset.tag);
  const tagRows = () => {
    const selection = B.selection();
    const { everything, rows, count } = B.selected();
    const known = B.tags();
    const present = everything ? known : [...new Set(rows.flatMap((row) => row.tags))].sort();
    R.set("tag-add", { value: "" });
    R.byId("tag-offers").replaceChildren(...known.map((tag) => toggle(tag, false)));
    R.byId("tag-removals").replaceChildren(...present.map((tag) => toggle(tag, false)));
    R.byId("tag-removal-part").hidden = !present.length;
    const about = `For ${B.counted(count, B.noun())}.`;
    open("tag", about, async () => {
      const typed = R.byId("tag-add").value.split(",").map((tag) => tag.trim());
      const add = [...new Set([...typed, ...pressed("tag-offers")].filter(Boolean))];
      const remove = pressed("tag-removals");
      if (!add.length && !remove.length) throw new Error("Type a tag, or press one.");
      await send("tag", selection, { add, remove });
      // Who loses a tag may leave a list that is filtered by it, and must not stay selected unseen.
      if (remove.length) B.clearSelection();
      const said = [...(add.length ? [`tagged ${add.join(", ")}`] : []), ...(remove.length ? [`${remove.join(", ")} removed`] : [])];
      done(`${B.counted(count, B.noun())}: ${said.join("; ")}.`);
    });
    R.byId("tag-add").focus();
  };

  const rename = () =>
    attempt(async () => {
      const selection = B.selection();
      const held = await reach(selection);
      const { rows, everything } = B.selected();
      R.set("rename-name", { value: !everything && rows.length === 1 ? rows[0].session : "" });
      const several = held.sessions > 1 ? " They get the name and a number, in the order in which they were started." : "";
      open("rename", `Renames ${whose(held)}.${several}`, async () => {
        const name = R.byId("rename-name").value.trim();
        await send("rename", selection, { name });
        done(`Renamed ${B.counted(held.sessions, "session")}.`);
      });
      R.byId("rename-name").focus();
      R.byId("rename-name").select();
    });

  const archive = () =>
    attempt(async () => {
      const [kind, back] = B.state.archived ? ["unarchive", "archive"] : ["archive", "unarchive"];
      const selection = B.selection();
      const words = whose(await reach(selection));
      const undone = await undoSelection(selection);
      await send(kind, selection);
      B.clearSelection();
      const undo = () =>
        attempt(async () => {
          await send(back, undone);
          done(kind === "archive" ? "Back in the list." : "Archived again.");
        });
      done(`${kind === "archive" ? "Archived" : "Back in the list:"} ${words}.`, undone && undo);
    });
  // What was archived by its filter is found among the archived by the same one – if nothing else is found there.
  const undoSelection = async (selection) => {
    if (selection.items) return selection;
    const state = B.parse(selection.query);
    const query = B.query({ ...state, archived: !state.archived });
    const { total } = await B.fetchRows(query, 0);
    return total ? null : { query };
  };

  const remove = () =>
    attempt(async () => {
      const selection = B.selection();
      const held = await reach(selection);
      const parts = [B.counted(held.edits, "edit"), B.counted(held.predictions, "answer")];
      if (held.regions) parts.splice(1, 0, B.counted(held.regions, "region"));
      const goes = `${B.counted(held.sessions, "session")} with ${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
      const owners = isEdits() ? ` (${whose(held)})` : "";
      R.byId("delete-act").textContent = `Delete ${B.counted(held.sessions, "session")} and ${B.counted(held.edits, "edit")}`;
      const about = `This takes ${goes}${owners}, with their notes and tags. It cannot be undone. The original pictures stay. To keep the data and only clear the list, archive instead.`;
      open("delete", about, async () => {
        const { sessions, edits, regions, digest } = held;
        await send("delete", selection, { expected: { sessions, edits, regions, digest } });
        B.clearSelection();
        done(`Deleted ${goes}.`);
      });
      dialog("delete").querySelector(".dialog-cancel").focus();
    });

  const writePackage = () => R.openPackage({ selection: B.selection() });
  const ACTIONS = { compare, export: exportRows, package: writePackage, tag: tagRows, rename, archive, delete: remove };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-action]");
    if (button && !button.disabled && B.state) ACTIONS[button.dataset.action]();
  });

  // The newcomer's button on the empty page.
  const recordDemo = async (button) => {
    button.disabled = true;
    const progress = R.byId("demo-progress");
    progress.textContent = "Recording some short sessions on free photographs; this takes some seconds …";
    try {
      await R.post("/api/v1/demo", { id: R.newId() });
      progress.textContent = "";
      R.set("browse-changed", { data: Date.now() });
      B.load();
    } catch (error) {
      progress.textContent = `The demo could not be recorded: ${error.message}`;
    }
    button.disabled = false;
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("#record-demo");
    if (button && !button.disabled) recordDemo(button);
  });
})(window.regionscope);
