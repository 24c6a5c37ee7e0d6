/** The page: its form sets the settings, and a node runs as long as the tab is open. */
import type { Milliseconds } from "@chain/core";
import { startFull } from "./full.ts";
import { startLight } from "./light.ts";
import { readSettings } from "./settings.ts";
import { show, showProblem, type View } from "./view.ts";

/** At most ten times a second, however many blocks come. Milliseconds. */
const REFRESH_EVERY: Milliseconds = 100;
/** Peers come and go without an event of the chain. Milliseconds. */
const LOOK_EVERY: Milliseconds = 1_000;

/** The form shows what runs. */
function fillForm(query: URLSearchParams): void {
  for (const [name, value] of query) {
    for (const field of document.getElementsByName(name)) {
      if (field instanceof HTMLInputElement && field.type === "radio") {
        field.checked = field.value === value;
      } else if (field instanceof HTMLInputElement || field instanceof HTMLSelectElement) {
        field.value = value;
      }
    }
  }
}

async function run(query: URLSearchParams): Promise<void> {
  const read = readSettings(query);
  if (!read.ok) return showProblem(read.reason);
  const { settings } = read;
  let view: () => View | Promise<View> = () => Promise.reject(new Error("not yet"));
  let isDue = false;
  const refresh = async () => {
    isDue = false;
    show(await view());
  };
  const changed = () => {
    if (isDue) return;
    isDue = true;
    setTimeout(() => void refresh().catch(sayWhy), REFRESH_EVERY);
  };
  view =
    settings.kind === "light"
      ? await startLight(settings, changed, showProblem)
      : await startFull(settings, changed);
  setInterval(changed, LOOK_EVERY);
  changed();
}

function sayWhy(error: unknown): void {
  showProblem(error instanceof Error ? error.message : String(error));
}

const query = new URLSearchParams(location.search);
fillForm(query);
if (query.has("node")) run(query).catch(sayWhy);
