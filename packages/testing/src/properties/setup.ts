/** Runs in each test file: properties are tried with the seed of `PROPERTY_SEED`, and without it with another each time. */
const seed = process.env["PROPERTY_SEED"];

if (seed !== undefined) {
  const { configureGlobal } = await import("fast-check");
  configureGlobal({ seed: Number(seed) });
}

export {};
