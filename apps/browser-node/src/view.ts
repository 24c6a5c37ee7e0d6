/** All that the page shows of a node. */
export interface View {
  readonly height: number;
  readonly tip: string;
  readonly peers: readonly string[];
  readonly balance: string;
  readonly immature: string;
  /** The height that the balance is true at, in words. */
  readonly searched: string;
  readonly transactions: readonly {
    readonly height: number;
    readonly txid: string;
    readonly proof: string;
  }[];
}

/** An element of the page, by its id. */
function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new TypeError(`the page has no ${id}`);
  return found;
}

/** Shows a node. */
export function show(view: View): void {
  const { transactions, peers, ...texts } = view;
  element("state").hidden = false;
  for (const [id, text] of Object.entries(texts)) element(id).textContent = String(text);
  element("peers").textContent = peers.length === 0 ? "none: calling…" : peers.join(", ");
  const rows = transactions.map((transaction) => {
    const row = document.createElement("tr");
    for (const text of [transaction.height, transaction.txid, transaction.proof]) {
      row.insertCell().textContent = String(text);
    }
    return row;
  });
  element("transactions").replaceChildren(...rows);
}

/** Says what is wrong, above all else. */
export function showProblem(text: string): void {
  element("problem").textContent = text;
}
