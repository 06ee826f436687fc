/*
 * illustrate/picture.mjs: the drawing of a product: what KNOWN and GEAR say of its SKU, else one by its category and a
 * hash of the SKU. A pure function: the same SKU always looks the same.
 */
import { cage, KNOWN, multirotor, racer, vtol, whoop } from "./drones.mjs";
import { GEAR } from "./gear.mjs";
import { battery, board, camera, fpv, frame, motor, payload, propeller } from "./parts.mjs";
import { landscape, themedFile } from "./scene.mjs";
import { ellipse, f, hash, themed } from "./shapes.mjs";

const SCENE_OF = {
    "Complete Drones": "alpine",
    "Industrial Drones": "city",
    "Racing Drones": "dusk",
    "Camera Drones": "sea",
    "Pro Drones": "dusk",
    Batteries: "bench-warm",
    "Motors & ESCs": "bench-rose",
    "Flight Controllers": "bench-blue",
    Propellers: "bench-teal",
    Frames: "bench-grey",
    "FPV Gear": "bench-violet",
    "Cameras & Gimbals": "bench-teal",
    Payloads: "bench-green",
    Accessories: "bench-warm",
};

function drawing(sku, category, seed) {
    const k = KNOWN[sku];
    if (k?.kind === "vtol") return vtol(k);
    if (k?.kind === "racer") return racer(k, seed);
    if (k?.kind === "whoop") return whoop(k);
    if (k?.kind === "cage") return cage(k, seed);
    if (k) return multirotor(k, seed);
    if (GEAR[sku]) return GEAR[sku]();
    const paints = ["orange", "teal", "blue", "violet", "green", "red"];
    const any = {
        rotors: [4, 6, 8][seed % 3],
        paint: paints[seed % 6],
        size: 0.9 + (seed % 5) / 20,
        gear: ["gimbal", "zoom", "mapper", "rail"][seed % 4],
    };
    const by = {
        Batteries: battery,
        "Motors & ESCs": (s) => (s.startsWith("MOT") ? motor(s) : board(s)),
        "Flight Controllers": board,
        Propellers: propeller,
        Frames: frame,
        "FPV Gear": fpv,
        "Cameras & Gimbals": camera,
        Payloads: payload,
        Accessories: GEAR["ACC-002"],
    };
    return by[category] ? by[category](sku) : multirotor(any, seed);
}

/* Fills the frame: small drones are brought nearer, large ones moved away. */
function fit(k, flying, inner) {
    const reach = (k.rotors === 4 ? 122 : k.rotors === 6 ? 146 : 138) * (k.size ?? 1);
    const s = !flying ? 0.94 : k.kind ? 1.02 : Math.max(0.84, Math.min(1.16, 132 / reach));
    return `<g transform="translate(${f(160 - 160 * s)} ${f(flying ? 116 - 122 * s : 130 - 126 * s)}) scale(${f(s * 100) / 100})">${inner}</g>`;
}

/** A product in front of its scene, as a file. */
export function illustrate({ sku, category }) {
    const seed = hash(sku);
    const k = KNOWN[sku] ?? {};
    const scene = k.scene ?? SCENE_OF[category] ?? "alpine";
    const flying = KNOWN[sku] !== undefined && k.kind !== "cage";
    return themedFile(
        scene,
        landscape(scene, seed) +
            ellipse(160, 214, flying ? 82 : 104, flying ? 9 : 11, { fill: themed("shadow") }) +
            fit(k, flying, drawing(sku, category, seed)),
    );
}

/** What the hero of the first page shows: a drone without a scene. */
export function illustrateAlone({ sku, category }) {
    const k = KNOWN[sku] ?? {};
    return themedFile(
        "alpine",
        ellipse(160, 214, 82, 9, { fill: themed("shadow") }) + fit(k, true, drawing(sku, category, hash(sku))),
    );
}
