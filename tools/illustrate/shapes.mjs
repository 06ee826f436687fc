/*
 * illustrate/shapes.mjs: what drawings are made of: paints, and strings of SVG for small parts. Only presentation
 * attributes and classes are used.
 *
 * A drone stands at the origin of a plan that is seen from 20 degrees above the horizon: a point at angle a and radius
 * r, z above the plan, is at (160 + r cos a, 118 + 0.36 r sin a - z) of a picture of 320 by 240.
 */
export const TILT = 0.36;
export const CX = 160;
export const CY = 118;
export const f = (n) => +n.toFixed(1);

export function hash(text) {
    let h = 2166136261;
    for (const ch of text) {
        h = Math.imul(h ^ ch.codePointAt(0), 16777619) >>> 0;
    }
    return h;
}

export const PAINT = {
    graphite: ["#59636f", "#39424d", "#262d36"],
    white: ["#ffffff", "#dfe5ec", "#aeb8c4"],
    sand: ["#f2e6d3", "#d9c6a8", "#a8926e"],
    orange: ["#ff9a52", "#e96a1b", "#ad4508"],
    teal: ["#5cc4c0", "#22938f", "#0f605e"],
    yellow: ["#ffd75e", "#eeb21c", "#ad7a05"],
    green: ["#8dc26a", "#559a3c", "#336b22"],
    blue: ["#6fa3ee", "#346fc9", "#1c468b"],
    navy: ["#5a7196", "#31476b", "#1d2d49"],
    magenta: ["#f084b4", "#cf4585", "#8e2459"],
    violet: ["#a995f4", "#7459d6", "#4a349b"],
    red: ["#f5837a", "#d2443a", "#8f221b"],
    olive: ["#8b9a6b", "#63704a", "#434d30"],
    carbon: ["#4a525c", "#2f353d", "#1d2228"],
};

/* A colour that follows the theme: "$name" and a class stand for it until scene.mjs says what it is. */
export const themed = (name) => ({ theme: name });

export const el = (name, attrs, inner = "") => {
    const classes = [];
    let out = `<${name}`;
    for (const [key, value] of Object.entries(attrs)) {
        if (value?.theme !== undefined) {
            out += ` ${key}="$${value.theme}"`;
            classes.push(`${key}-${value.theme}`);
        } else if (value !== undefined && value !== "") {
            out += ` ${key}="${typeof value === "number" ? f(value) : value}"`;
        }
    }
    out += classes.length ? ` class="${classes.join(" ")}"` : "";
    return inner ? `${out}>${inner}</${name}>` : `${out}/>`;
};
export const path = (d, attrs) => el("path", { d, ...attrs });
export const ellipse = (cx, cy, rx, ry, attrs) => el("ellipse", { cx, cy, rx, ry, ...attrs });
export const circle = (cx, cy, r, attrs) => el("circle", { cx, cy, r, ...attrs });
export const rect = (x, y, width, height, rx, attrs) => el("rect", { x, y, width, height, rx, ...attrs });
export const line = (x1, y1, x2, y2, attrs) => el("line", { x1, y1, x2, y2, "stroke-linecap": "round", ...attrs });
export const at = (angle, r, z = 0, cx = CX, cy = CY) => [
    cx + r * Math.cos(angle),
    cy + TILT * r * Math.sin(angle) - z,
];

export function lens(x, y, r, tint = "#3b6ea5") {
    return (
        circle(x, y, r, { fill: "#161b22" }) +
        circle(x, y, r * 0.72, { fill: "#0c1016", stroke: "#4b5664", "stroke-width": 1 }) +
        circle(x, y, r * 0.42, { fill: tint }) +
        circle(x - r * 0.22, y - r * 0.26, r * 0.16, { fill: "#ffffff", opacity: 0.85 })
    );
}

export function cylinder(x, y, rx, h, [top, side, dark]) {
    const ry = rx * TILT;
    return (
        path(`M${f(x - rx)} ${f(y)}v${f(h)}a${f(rx)} ${f(ry)} 0 0 0 ${f(2 * rx)} 0v${f(-h)}z`, { fill: side }) +
        path(
            `M${f(x + rx * 0.25)} ${f(y + ry * 0.9)}v${f(h)}a${f(rx)} ${f(ry)} 0 0 0 ${f(rx * 0.75)} ${f(-ry * 0.9)}v${f(-h)}z`,
            { fill: dark, opacity: 0.55 },
        ) +
        ellipse(x, y, rx, ry, { fill: top })
    );
}

/* A box: front face w by h at (x, y), top and right faces d deep. */
export function box(x, y, w, h, d, [top, side, dark], r = 4) {
    const dx = d * 0.8;
    const dy = d * 0.5;
    return (
        path(
            `M${f(x + r)} ${f(y)}L${f(x + dx + r)} ${f(y - dy)}H${f(x + w + dx - r)}Q${f(x + w + dx)} ${f(y - dy)} ${f(x + w + dx)} ${f(y - dy + r)}V${f(y + h - dy - r)}L${f(x + w)} ${f(y + h)}V${f(y)}z`,
            { fill: dark },
        ) +
        path(`M${f(x + 1)} ${f(y + 2)}L${f(x + dx)} ${f(y - dy)}H${f(x + w + dx - 1)}L${f(x + w)} ${f(y + 2)}z`, {
            fill: top,
        }) +
        rect(x, y, w, h, r, { fill: side })
    );
}

export function rotor(x, y, r, turn, blades = 2) {
    let out = ellipse(x, y, r, r * 0.3, {
        fill: themed("rotor"),
        stroke: themed("rim"),
        "stroke-width": 0.8,
    });
    for (let i = 0; i < blades; i++) {
        const a = turn + (i * 2 * Math.PI) / blades;
        const [tx, ty] = [x + r * 0.95 * Math.cos(a), y + r * 0.95 * 0.3 * Math.sin(a)];
        const [nx, ny] = [-Math.sin(a) * r * 0.1, Math.cos(a) * r * 0.05];
        out += path(
            `M${f(x)} ${f(y)}Q${f((x + tx) / 2 + nx * 1.6)} ${f((y + ty) / 2 + ny * 1.6 - 1.6)} ${f(tx)} ${f(ty)}Q${f((x + tx) / 2 - nx * 0.3)} ${f((y + ty) / 2 + 1.2)} ${f(x)} ${f(y)}z`,
            { fill: "#2a323c" },
        );
    }
    return out + ellipse(x, y - 0.6, 3, 1.6, { fill: "#11161c" });
}

export function motorPod(x, y, s, trim) {
    return cylinder(x, y - 7 * s, 5.6 * s, 8 * s, PAINT.carbon) + ellipse(x, y - 7 * s, 5.6 * s, 2 * s, { fill: trim });
}

/* ---- what hangs below ---- */
