// What the ranges ask the server: readings at once, what takes longer afterwards.

const KEPT = 12;

// Answers of this visit by address.
const kept = new Map();

export function isKept(address) {
  return kept.has(address);
}

export async function fetchOnce(instrument, address, signal) {
  if (!kept.has(address)) {
    const answer = await instrument.getJson(address, { signal });
    kept.set(address, answer);
    if (kept.size > KEPT) kept.delete(kept.keys().next().value);
    return answer;
  }
  return kept.get(address);
}

// The query of the present state without some of its parts.
export function queryWithout(instrument, names, more = {}) {
  const query = new URLSearchParams(instrument.query());
  for (const name of names) query.delete(name);
  for (const [name, value] of Object.entries(more)) query.set(name, value);
  return query;
}

// Of every source the same day, or else the day nearest before it.
async function fetchBand(instrument, signal) {
  const wanted = queryWithout(instrument, ["source"], { by: "source" });
  try {
    return await fetchOnce(instrument, `api/band?${wanted}`, signal);
  } catch (error) {
    if (error.status !== 404) throw error;
    wanted.set("on_or_before", "true");
    return fetchOnce(instrument, `api/band?${wanted}`, signal);
  }
}

// { uncertainty, band, troubles }: what there is of both, and why there is not more.
export async function fetchSpreads(instrument, signal) {
  const address = `api/uncertainty?${queryWithout(instrument, [])}`;
  const several = (instrument.offer.sources ?? []).length > 1;
  const [one, two] = await Promise.allSettled([
    fetchOnce(instrument, address, signal),
    several ? fetchBand(instrument, signal) : null,
  ]);
  const refused = [one, two].filter(({ status }) => status === "rejected");
  return {
    uncertainty: one.value ?? null,
    band: two.value ?? null,
    troubles: refused.map(({ reason }) => reason.message),
  };
}
