/*
 * illustrate/parts.mjs: what drones are made of, by category; what is known of a SKU is said where it is drawn.
 */
import { box, circle, CX, cylinder, el, ellipse, f, lens, line, PAINT, path, rect, rotor, TILT } from "./shapes.mjs";

export function propeller(sku) {
    const blades = sku === "PRP-001" ? 3 : 2;
    const paint = sku === "PRP-001" ? PAINT.magenta : PAINT.carbon;
    const one = (cx, cy, r, turn, pt) => {
        let out = "";
        for (let i = 0; i < blades; i++) {
            const a = turn + (i * 2 * Math.PI) / blades;
            const q = (t, w) => [cx + r * t * Math.cos(a + w), cy + r * t * Math.sin(a + w) * 0.62];
            const sweep = sku === "PRP-002" ? 0.22 : 0.05;
            const [a1, a2, a3] = [q(0.38, -0.3), q(0.8, -0.16 + sweep), q(1, sweep)];
            const [b1, b2] = [q(0.86, 0.1 + sweep), q(0.4, 0.2)];
            const d = `M${f(cx)} ${f(cy)}Q${a1.map(f)} ${a2.map(f)}Q${q(0.95, -0.08 + sweep).map(f)} ${a3.map(f)}Q${q(0.98, 0.06 + sweep).map(f)} ${b1.map(f)}Q${b2.map(f)} ${f(cx)} ${f(cy)}z`;
            out +=
                path(d, { fill: pt[1] }) +
                path(`M${f(cx)} ${f(cy)}Q${a1.map(f)} ${a2.map(f)}Q${q(0.7, 0).map(f)} ${f(cx)} ${f(cy)}z`, {
                    fill: pt[0],
                    opacity: 0.9,
                });
            if (sku === "PRP-003") {
                const [hx, hy] = q(0.2, 0);
                out += circle(hx, hy, 5, { fill: "#c9a25a" }) + circle(hx, hy, 2, { fill: "#5e4a22" });
            }
        }
        return out + cylinder(cx, cy - 4, 11, 6, PAINT.graphite) + ellipse(cx, cy - 4, 4, 1.8, { fill: "#0f1318" });
    };
    return sku === "PRP-001"
        ? one(98, 96, 78, 0.3, PAINT.teal) + one(216, 88, 78, 1.1, PAINT.yellow) + one(160, 156, 84, 0.7, paint)
        : one(150, 78, 136, 0.14, paint) + one(168, 152, 136, -0.2, paint);
}

export function frame(sku) {
    const [n, R, start] = {
        "FRM-001": [4, 92, Math.PI / 4],
        "FRM-002": [4, 104, 0.6],
        "FRM-003": [6, 108, Math.PI / 6],
        "FRM-004": [8, 116, Math.PI / 8],
    }[sku] ?? [4, 96, 0.8];
    const trim = { "FRM-001": "magenta", "FRM-002": "violet", "FRM-003": "orange", "FRM-004": "red" }[sku] ?? "teal";
    const t = PAINT[trim];
    let angles = Array.from({ length: n }, (_, i) => start + (i * 2 * Math.PI) / n);
    if (sku === "FRM-002") {
        angles = [0.6, Math.PI - 0.6, Math.PI + 0.6, -0.6];
    }
    const pt = (a, r) => [CX + r * Math.cos(a), 124 + r * Math.sin(a) * 0.6];
    return (
        angles
            .sort((a, b) => Math.sin(a) - Math.sin(b))
            .map((a) => {
                const [x, y] = pt(a, R);
                const [bx, by] = pt(a, 20);
                const [mx, my] = pt(a, R * 0.48);
                return (
                    line(bx, by + 5, x, y + 5, { stroke: "#15191e", "stroke-width": 12 }) +
                    line(bx, by, x, y, { stroke: "#39424d", "stroke-width": 11 }) +
                    line(bx, by - 2, x, y - 2, { stroke: "#59636f", "stroke-width": 3 }) +
                    ellipse(x, y, 14, 8.4, { fill: "#2f353d" }) +
                    ellipse(x, y - 2, 14, 8.4, { fill: "#4a525c" }) +
                    ellipse(x, y - 2, 4, 2.4, { fill: "#15191e" }) +
                    (n > 4 ? ellipse(mx, my - 1, 8, 5, { fill: t[1] }) : "")
                );
            })
            .join("") +
        ellipse(CX, 132, 40, 24, { fill: "#15191e" }) +
        ellipse(CX, 126, 40, 24, { fill: "#39424d" }) +
        ellipse(CX, 118, 33, 19.5, { fill: "#262d36" }) +
        ellipse(CX, 114, 33, 19.5, { fill: t[1] }) +
        ellipse(CX, 113, 25, 14.5, { fill: "#39424d" }) +
        [
            [-14, -6],
            [14, -6],
            [-14, 6],
            [14, 6],
        ]
            .map(([x, y]) => circle(CX + x, 113 + y, 2, { fill: "#c8d0d9" }))
            .join("")
    );
}

export function battery(sku) {
    const big = { "BAT-001": 0, "BAT-002": 1, "BAT-003": 2, "BAT-004": 3 }[sku] ?? 1;
    const t = PAINT[["orange", "violet", "green", "red"][big]];
    const w = 92 + big * 16;
    const h = 62 + big * 12;
    const x = 150 - w / 2;
    const y = 176 - h;
    const leds = Array.from({ length: 4 }, (_, i) =>
        circle(x + 16 + i * 11, y + h - 14, 3.2, { fill: i < 3 ? "#62e39a" : "#46505c" }),
    ).join("");
    return (
        path(`M${f(x + w + 20)} ${f(y + 8)}q34-2 34 26v20`, { fill: "none", stroke: "#c43d32", "stroke-width": 6 }) +
        path(`M${f(x + w + 16)} ${f(y + 18)}q24 0 24 22v16`, { fill: "none", stroke: "#1d2228", "stroke-width": 6 }) +
        rect(x + w + 34, y + 52, 26, 17, 4, { fill: "#efb21c" }) +
        (big > 1
            ? path(`M${f(x + 28)} ${f(y - 10)}v-12q0-10 10-10h${f(w - 40)}q10 0 10 10v12`, {
                  fill: "none",
                  stroke: "#2b323b",
                  "stroke-width": 8,
              })
            : "") +
        box(x, y, w, h, 34, PAINT.graphite, 7) +
        rect(x, y + 12, w, h * 0.42, 0, { fill: t[1] }) +
        rect(x + 12, y + 20, w * 0.4, 5, 2, { fill: "#ffffff", opacity: 0.9 }) +
        rect(x + 12, y + 29, w * 0.26, 4, 2, { fill: "#ffffff", opacity: 0.6 }) +
        leds +
        (big > 1
            ? rect(x + w - 40, y + h - 22, 28, 14, 3, { fill: "#bfe9d2" }) +
              rect(x + w - 37, y + h - 18, 15, 6, 1, { fill: "#1b7f4d" })
            : circle(x + w - 17, y + h - 14, 6, { fill: "#1d2228", stroke: "#6a7683", "stroke-width": 1.4 }))
    );
}

export function motor(sku) {
    const lift = sku === "MOT-002";
    const [rx, h, y] = lift ? [84, 30, 112] : [56, 46, 96];
    const t = PAINT[lift ? "red" : "magenta"];
    const slots = Array.from({ length: lift ? 9 : 7 }, (_, i) => {
        const a = 0.3 + (i * (Math.PI - 0.6)) / (lift ? 8 : 6);
        const [x, yy] = [CX + rx * 0.98 * Math.cos(a), y + rx * TILT * Math.sin(a)];
        return (
            rect(x - 4.5, yy + 6, 9, h - 14, 2, { fill: "#c98d4b" }) +
            [0, 1, 2, 3]
                .map((j) =>
                    line(x - 4, yy + 9 + (j * (h - 18)) / 4, x + 4, yy + 10 + (j * (h - 18)) / 4, {
                        stroke: "#8a5a26",
                        "stroke-width": 1,
                    }),
                )
                .join("")
        );
    }).join("");
    const spokes = Array.from({ length: 6 }, (_, i) => {
        const a = (i * Math.PI) / 3 + 0.2;
        return line(CX, y, CX + rx * 0.8 * Math.cos(a), y + rx * 0.8 * TILT * Math.sin(a), {
            stroke: t[1],
            "stroke-width": 7,
        });
    }).join("");
    return (
        [0, 1, 2]
            .map((i) =>
                path(`M${f(CX - 12 + i * 12)} ${f(y + h + rx * TILT)}q${f(8 - i * 6)} 22 ${f(40 - i * 4)} 26`, {
                    fill: "none",
                    stroke: ["#1d2228", "#c43d32", "#efb21c"][i],
                    "stroke-width": 4.4,
                }),
            )
            .join("") +
        cylinder(CX, y + h - 2, rx * 0.9, 12, PAINT.carbon) +
        cylinder(CX, y, rx, h, PAINT.graphite) +
        slots +
        cylinder(CX, y - 8, rx, 12, t) +
        ellipse(CX, y - 8, rx * 0.82, rx * 0.82 * TILT, { fill: "#20262d" }) +
        `<g transform="translate(0 -8)">${spokes}</g>` +
        cylinder(CX, y - 20, 13, 12, PAINT.white) +
        cylinder(CX, y - 40, 4.5, 22, PAINT.white)
    );
}

export function board(sku) {
    const iso = (x, y) => [CX + (x - y) * 0.86, 122 + (x + y) * 0.44];
    const quad = (x, y, w, h, fill, z = 0) => {
        const pts = [iso(x, y), iso(x + w, y), iso(x + w, y + h), iso(x, y + h)]
            .map(([px, py]) => `${f(px)},${f(py - z)}`)
            .join(" ");
        return el("polygon", { points: pts, fill });
    };
    const chip = (x, y, w, h, z, c) => {
        const side = (p1, p2, fill) =>
            el("polygon", {
                points: [[p1[0], p1[1] - z], [p2[0], p2[1] - z], p2, p1]
                    .map(([px, py]) => `${f(px)},${f(py)}`)
                    .join(" "),
                fill,
            });
        return (
            side(iso(x, y + h), iso(x + w, y + h), c[1]) +
            side(iso(x + w, y), iso(x + w, y + h), c[2]) +
            quad(x, y, w, h, c[0], z)
        );
    };
    if (sku === "ESC-002") {
        const fins = Array.from({ length: 8 }, (_, i) => chip(-60 + i * 15, -34, 7, 68, 30, PAINT.graphite)).join("");
        return (
            chip(-66, -40, 132, 80, 14, PAINT.carbon) +
            fins +
            [0, 1, 2]
                .map((i) =>
                    path(`M${f(206 + i * 12)} ${f(164 - i * 7)}q26 10 44 ${f(24 - i * 5)}`, {
                        fill: "none",
                        stroke: ["#1d2228", "#c43d32", "#3c6fc0"][i],
                        "stroke-width": 6,
                    }),
                )
                .join("") +
            quad(20, 34, 40, 6, "#efb21c", 14)
        );
    }
    if (sku === "ESC-001") {
        const fets = [];
        for (let i = 0; i < 4; i++) {
            for (let j = 0; j < 3; j++) {
                fets.push(
                    chip(-58 + j * 14, -52 + i * 28, 10, 16, 5, PAINT.carbon) +
                        chip(30 + j * 13, -52 + i * 28, 10, 16, 5, PAINT.carbon),
                );
            }
        }
        return (
            chip(-66, -66, 132, 132, 6, ["#25597a", "#173d56", "#102c3f"]) +
            [
                [-58, -60],
                [50, -60],
                [-58, 52],
                [50, 52],
            ]
                .map(([x, y]) => quad(x, y, 9, 9, "#d9b15c", 6))
                .join("") +
            fets.join("") +
            chip(-12, -16, 30, 30, 7, PAINT.graphite) +
            chip(-8, 42, 30, 16, 12, PAINT.white)
        );
    }
    const t = sku === "FLC-003" ? PAINT.red : sku === "FLC-002" ? PAINT.teal : PAINT.blue;
    const stack = sku === "FLC-003" ? [0, 1, 2] : [0];
    return (
        stack
            .map(
                (i) =>
                    `<g transform="translate(0 ${sku === "FLC-003" ? 26 - i * 30 : 0})">` +
                    chip(-54, -46, 108, 92, sku === "FLC-003" ? 22 : 40, PAINT.graphite) +
                    quad(-46, -38, 92, 76, t[1], sku === "FLC-003" ? 22 : 40) +
                    quad(-38, -30, 30, 8, "#ffffff", sku === "FLC-003" ? 22 : 40) +
                    quad(-38, -16, 54, 4, t[0], sku === "FLC-003" ? 22 : 40) +
                    [-40, -16, 8, 32]
                        .map((x) => {
                            const [px, py] = iso(x + 6, 46);
                            return rect(px - 5, py - (sku === "FLC-003" ? 15 : 26), 11, 8, 1.5, {
                                fill: "#e9edf2",
                                transform: `skewY(27) translate(0 ${f(-px * 0.51)})`,
                            });
                        })
                        .join("") +
                    "</g>",
            )
            .join("") + (sku === "FLC-002" ? lens(126, 101, 9) + lens(160, 118, 9) + lens(194, 101, 9) : "")
    );
}

export function camera(sku) {
    const p = PAINT.graphite;
    if (sku === "CAM-002") {
        const bands = ["#7a3fd0", "#3c6fe0", "#1fa3b8", "#3fae5a", "#e3c02b", "#e9802a", "#d2443a"];
        return (
            box(92, 92, 112, 82, 44, p, 6) +
            rect(108, 104, 80, 12, 3, { fill: "#1d2228" }) +
            bands.map((c, i) => rect(110 + i * 10.9, 106, 10.9, 8, 0, { fill: c })).join("") +
            circle(148, 146, 24, { fill: "#262d36" }) +
            lens(148, 146, 20, "#7459d6") +
            rect(84, 172, 128, 8, 3, { fill: "#1d2228" })
        );
    }
    if (sku === "GMB-001") {
        return (
            rect(128, 44, 64, 12, 5, { fill: "#39424d" }) +
            path("M160 56v16M160 72q-52 0-52 46v28", {
                fill: "none",
                stroke: "#59636f",
                "stroke-width": 13,
                "stroke-linecap": "round",
            }) +
            cylinder(160, 66, 16, 14, PAINT.teal) +
            circle(108, 148, 17, { fill: "#39424d" }) +
            circle(108, 148, 8, { fill: PAINT.teal[1] }) +
            rect(122, 116, 84, 62, 10, { fill: "#20262d" }) +
            rect(122, 116, 84, 15, 7, { fill: "#343c46" }) +
            lens(166, 154, 20) +
            circle(214, 148, 12, { fill: "#39424d" })
        );
    }
    if (sku === "GMB-002") {
        return (
            rect(124, 46, 72, 12, 5, { fill: "#39424d" }) +
            cylinder(160, 62, 24, 12, PAINT.teal) +
            path("M102 92q0-16 18-16h80q18 0 18 16v50q0 14-14 14h-8V96h-72v60h-8q-14 0-14-14z", { fill: "#59636f" }) +
            circle(160, 138, 50, { fill: "#262d36" }) +
            path("M110 138a50 50 0 0 1 100 0z", { fill: "#343c46" }) +
            lens(150, 140, 24) +
            lens(186, 128, 10, "#8a6a2a") +
            lens(186, 156, 7, "#b0342a")
        );
    }
    return (
        box(94, 86, 116, 86, 36, p, 8) +
        rect(94, 86, 116, 16, 7, { fill: "#20262d" }) +
        rect(104, 90, 26, 7, 2, { fill: PAINT.orange[1] }) +
        circle(154, 140, 44, { fill: "#1d2228" }) +
        circle(154, 140, 38, { fill: "#343c46" }) +
        lens(154, 140, 31, "#6a4fb0") +
        rect(196, 64, 22, 9, 3, { fill: "#39424d" })
    );
}

export function payload() {
    const tint = ["#3c6fe0", "#3fae5a", "#d2443a", "#c0279a", "#7a1f2b"];
    return (
        box(90, 84, 116, 88, 40, PAINT.graphite, 8) +
        [
            [116, 108],
            [148, 108],
            [180, 108],
            [132, 144],
            [166, 144],
        ]
            .map(([x, y], i) => lens(x, y, 14, tint[i]))
            .join("") +
        box(214, 52, 34, 10, 16, PAINT.white, 3) +
        ellipse(238, 48, 13, 5, { fill: "#ffe9a8" }) +
        line(226, 62, 214, 92, { stroke: "#39424d", "stroke-width": 4 })
    );
}

export function fpv(sku) {
    if (sku === "FPV-003") {
        return (
            path("M64 92q26-46 96-46t96 46", { fill: "none", stroke: "#39424d", "stroke-width": 16 }) +
            path(
                "M70 88h180q16 0 16 18v38q0 24-26 26h-40q-14 0-22-14-8-12-18-12t-18 12q-8 14-22 14H80q-26-2-26-26v-38q0-18 16-18z",
                { fill: "#39424d" },
            ) +
            path("M70 88h180q16 0 16 18v4H54v-4q0-18 16-18z", { fill: "#59636f" }) +
            rect(74, 114, 74, 38, 14, { fill: "#11161c" }) +
            rect(172, 114, 74, 38, 14, { fill: "#11161c" }) +
            path("M84 120h46l-20 26H84zM182 120h46l-20 26h-26z", { fill: "#4f7fd0", opacity: 0.65 }) +
            circle(160, 102, 4, { fill: "#62e39a" }) +
            [70, 250]
                .map((x) => line(x, 90, x + (x < 160 ? -14 : 14), 54, { stroke: "#262d36", "stroke-width": 7 }))
                .join("")
        );
    }
    if (sku === "FPV-002") {
        return (
            [
                [118, 92, 92, 34],
                [196, 84, 228, 32],
            ]
                .map(
                    ([a, b, c, d]) =>
                        line(a, b, c, d, { stroke: "#262d36", "stroke-width": 4 }) +
                        rect(c - 6, d - 20, 12, 26, 5, { fill: PAINT.violet[1] }),
                )
                .join("") +
            box(92, 102, 96, 62, 40, PAINT.graphite, 6) +
            Array.from({ length: 7 }, (_, i) => rect(102 + i * 12, 112, 5, 30, 2, { fill: "#1d2228" })).join("") +
            path("M226 150q24 6 22 30", { fill: "none", stroke: "#1d2228", "stroke-width": 5 }) +
            rect(228, 176, 42, 36, 8, { fill: "#262d36" }) +
            lens(249, 194, 13)
        );
    }
    return (
        rect(72, 108, 66, 62, 10, { fill: "#343c46" }) +
        rect(72, 108, 66, 14, 7, { fill: PAINT.magenta[1] }) +
        lens(105, 146, 20) +
        path("M138 140q22 2 28 0", { fill: "none", stroke: "#efb21c", "stroke-width": 4 }) +
        box(166, 122, 54, 32, 20, ["#3f7f9e", "#25597a", "#173d56"], 3) +
        rect(174, 130, 18, 14, 2, { fill: "#161b22" }) +
        [
            [206, 108],
            [228, 116],
        ]
            .map(
                ([x, y], i) =>
                    line(x, y, x + 8 + i * 8, y - 46, { stroke: "#262d36", "stroke-width": 3 }) +
                    ellipse(x + 9 + i * 8, y - 52, 11, 9, { fill: PAINT.magenta[i] }),
            )
            .join("")
    );
}
