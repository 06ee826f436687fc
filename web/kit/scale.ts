/* Numbers as places of a plot, and places as numbers again: even steps, or even steps of powers of ten. All of it is pure. */

export interface Scale {
  (value: number): number;
  invert: (place: number) => number;
  domain: readonly [number, number];
}

type Pair = readonly [number, number];

function scaleBy(domain: Pair, range: Pair, to: (value: number) => number, from: (value: number) => number): Scale {
  const [first, last] = [to(domain[0]), to(domain[1])];
  const length = last - first || 1; // of a domain without extent all lies at the range's beginning
  const width = range[1] - range[0] || 1;
  const scale = (value: number) => range[0] + ((to(value) - first) / length) * width;
  return Object.assign(scale, { invert: (place: number) => from(first + ((place - range[0]) / width) * length), domain });
}

export function linear(domain: Pair, range: Pair): Scale {
  return scaleBy(domain, range, (value) => value, (value) => value);
}

/** Of numbers above 0. */
export function logarithmic(domain: Pair, range: Pair): Scale {
  return scaleBy(domain, range, Math.log, Math.exp);
}

/** From 0 on by 1, 2 or 5 times a power of ten, about `steps` of them; the last is `most` or above it. */
export function ticksUpTo(most: number, steps: number): number[] {
  const top = most > 0 ? most : 1;
  const raw = top / steps;
  const power = Math.floor(Math.log10(raw));
  const times = [1, 2, 5, 10].find((one) => raw <= one * 10 ** power * (1 + 1e-9)) ?? 10;
  // A power below 1 is no exact number: divided by its inverse, 3 tenths are 0.3.
  const at = (k: number) => power < 0 ? (k * times) / 10 ** -power : k * times * 10 ** power;
  const ticks = [0];
  while (ticks[ticks.length - 1]! < top) {
    ticks.push(at(ticks.length));
  }
  return ticks;
}

/** Powers of ten within a domain. */
export function decadesOf([first, last]: Pair): number[] {
  const from = Math.ceil(Math.log10(first) - 1e-9);
  const count = Math.floor(Math.log10(last) + 1e-9) - from + 1;
  return Array.from({ length: Math.max(0, count) }, (_, at) => 10 ** (from + at));
}
