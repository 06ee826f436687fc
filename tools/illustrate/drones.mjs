/*
 * illustrate/drones.mjs: what flies, and what hangs below it.
 */
import {
    at,
    box,
    circle,
    CX,
    CY,
    cylinder,
    ellipse,
    f,
    lens,
    line,
    motorPod,
    PAINT,
    path,
    rect,
    rotor,
} from "./shapes.mjs";

/* What a SKU has that its category alone does not tell. */
export const KNOWN = {
    "DRN-001": { rotors: 4, paint: "orange", size: 0.82, scene: "city", gear: "gimbal" },
    "DRN-002": { rotors: 4, paint: "orange", size: 0.94, scene: "alpine", gear: "mapper", mast: true },
    "DRN-003": { rotors: 4, paint: "teal", size: 1, scene: "city", gear: "zoom" },
    "DRN-004": { rotors: 4, paint: "teal", size: 1, scene: "dusk", gear: "thermal" },
    "DRN-005": { rotors: 4, paint: "yellow", size: 1.06, scene: "sea", gear: "search" },
    "DRN-006": { rotors: 4, paint: "green", size: 1.08, scene: "field", gear: "tank" },
    "DRN-007": { rotors: 8, paint: "green", size: 1.16, scene: "field", gear: "tank", big: true },
    "DRN-008": { kind: "vtol", paint: "white", trim: "blue", scene: "alpine" },
    "DRN-009": { rotors: 6, paint: "navy", size: 1.12, scene: "sea", gear: "parcel" },
    "DRN-010": { rotors: 6, paint: "navy", size: 1.12, scene: "alpine", gear: "lidar", mast: true },
    "DRN-011": { rotors: 8, paint: "navy", size: 1.05, scene: "dusk", gear: "tether" },
    "SKY-001": { kind: "whoop", paint: "violet", scene: "hall" },
    "SKY-002": { kind: "racer", paint: "magenta", size: 0.86, scene: "dusk" },
    "SKY-003": { kind: "racer", paint: "violet", size: 1, scene: "alpine", long: true },
    "SKY-004": { rotors: 4, paint: "white", size: 0.72, scene: "sea", gear: "gimbal", trim: "blue" },
    "SKY-005": { rotors: 4, paint: "sand", size: 0.84, scene: "dusk", gear: "gimbal" },
    "SKY-006": { rotors: 4, paint: "graphite", size: 1, scene: "dusk", gear: "cinema", trim: "red" },
    "SKY-007": { kind: "cage", paint: "yellow", scene: "hall" },
    "SKY-008": { rotors: 6, paint: "yellow", size: 0.98, scene: "city", gear: "mapper", trim: "orange" },
    "SKY-009": { rotors: 8, paint: "yellow", size: 1.12, scene: "city", gear: "hook", trim: "orange" },
    "HEX-001": { rotors: 6, paint: "red", size: 1.2, scene: "alpine", gear: "rail" },
    "TAC-001": { rotors: 4, paint: "olive", size: 0.96, scene: "dusk", gear: "zoom" },
};

const GEAR = {
    gimbal: (p) =>
        path("M147 128h26l-4 10h-18z", { fill: "#2b323b" }) +
        rect(146, 134, 28, 20, 8, { fill: p[1] }) +
        lens(160, 145, 8.5),
    mapper: (p) =>
        path("M146 128h28v8h-28z", { fill: "#2b323b" }) +
        rect(141, 134, 38, 23, 4, { fill: "#3a424d" }) +
        rect(141, 134, 38, 5, 2, { fill: p[1] }) +
        lens(160, 147.5, 8.5, "#6a4fb0"),
    zoom: (p) =>
        path("M147 127h26v10h-26z", { fill: "#2b323b" }) +
        rect(137, 133, 46, 24, 11, { fill: "#3a424d" }) +
        rect(137, 133, 46, 7, 3.5, { fill: p[1], opacity: 0.9 }) +
        lens(150, 147, 8.5) +
        lens(170, 147, 6, "#8a6a2a"),
    thermal: () =>
        path("M147 127h26v10h-26z", { fill: "#2b323b" }) +
        rect(136, 133, 48, 24, 8, { fill: "#3a424d" }) +
        lens(149, 146, 8) +
        circle(171, 146, 8, { fill: "#161b22" }) +
        circle(171, 146, 5.4, { fill: "#e8452f" }) +
        circle(170, 145, 3.2, { fill: "#ffb339" }) +
        circle(169.5, 144, 1.4, { fill: "#fff3c4" }),
    search: (p) =>
        path("M156 150L96 214h92l-20-64z", { fill: "#fff6c8", opacity: 0.32 }) +
        rect(138, 130, 22, 22, 8, { fill: "#3a424d" }) +
        lens(149, 143, 7) +
        path("M164 132h16l6 16h-24z", { fill: p[2] }) +
        ellipse(174, 148, 11, 4, { fill: "#fff3b0" }),
    tank: (p, k) =>
        path(k.big ? "M126 128h68l-6 36q-1 6-8 6h-40q-7 0-8-6z" : "M134 128h52l-5 30q-1 6-7 6h-28q-6 0-7-6z", {
            fill: "#eef3f5",
            opacity: 0.96,
        }) +
        path(k.big ? "M129 146h62l-3 18q-1 6-8 6h-40q-7 0-8-6z" : "M136.5 142h47l-2.5 16q-1 6-7 6h-28q-6 0-7-6z", {
            fill: "#7cc0d8",
            opacity: 0.85,
        }) +
        line(84, 166, 236, 166, { stroke: "#3a424d", "stroke-width": 3.4 }) +
        [92, 126, 194, 228]
            .map(
                (x) =>
                    rect(x - 2.5, 166, 5, 8, 2, { fill: "#262d36" }) +
                    path(`M${x} 174l-13 34h26z`, { fill: "#bfe3ee", opacity: 0.42 }),
            )
            .join("") +
        circle(160, 136, 3, { fill: p[1] }),
    parcel: (p) =>
        line(150, 128, 150, 150, { stroke: "#39424d", "stroke-width": 1.6 }) +
        line(170, 128, 170, 150, { stroke: "#39424d", "stroke-width": 1.6 }) +
        box(132, 152, 48, 36, 14, ["#e6c79d", "#cfa771", "#a57f4c"], 2) +
        rect(150, 152, 11, 36, 0, { fill: p[1], opacity: 0.85 }) +
        path("M151 152l11-7h11l-11 7z", { fill: p[0], opacity: 0.9 }),
    lidar: (p) =>
        path("M144 127h32v8h-32z", { fill: "#2b323b" }) +
        cylinder(160, 136, 17, 13, ["#6a7683", "#39424d", "#20262d"]) +
        rect(143, 141, 34, 4, 0, { fill: "#0f1318" }) +
        line(150, 143, 156, 143, { stroke: "#e8452f", "stroke-width": 2 }) +
        path("M160 152L88 212h60zM160 152l72 60h-60z", { fill: "#e8452f", opacity: 0.12 }) +
        circle(160, 136, 3, { fill: p[1] }),
    tether: (p) =>
        rect(146, 128, 28, 15, 4, { fill: "#2b323b" }) +
        path("M160 143C160 176 148 188 150 214", { fill: "none", stroke: p[1], "stroke-width": 2.4 }) +
        box(128, 206, 38, 14, 14, PAINT.graphite, 3) +
        lens(152, 136, 5) +
        circle(168, 136, 3, { fill: "#ff5a4d" }),
    cinema: () =>
        path("M146 126h28v8h-28z", { fill: "#2b323b" }) +
        path("M136 134h48v6h-48z", { fill: "#39424d" }) +
        rect(134, 136, 5, 26, 2, { fill: "#39424d" }) +
        rect(181, 136, 5, 26, 2, { fill: "#39424d" }) +
        rect(141, 140, 38, 26, 4, { fill: "#1d2228" }) +
        circle(160, 153, 14, { fill: "#343c46" }) +
        lens(160, 153, 11.5, "#7a3f9a"),
    hook: (p) =>
        line(160, 128, 160, 160, { stroke: "#2b323b", "stroke-width": 2.4 }) +
        path("M160 160v8a8 8 0 1 1-8 8", {
            fill: "none",
            stroke: p[2],
            "stroke-width": 4.4,
            "stroke-linecap": "round",
        }) +
        rect(153, 153, 14, 11, 3, { fill: p[1] }),
    rail: (p) =>
        rect(116, 132, 88, 5, 2, { fill: "#2b323b" }) +
        box(134, 140, 46, 22, 12, PAINT.graphite, 3) +
        lens(148, 151, 6.5) +
        lens(166, 151, 6.5, "#6a4fb0") +
        rect(134, 140, 46, 4, 1, { fill: p[1] }),
};

function body(k, p, trim) {
    const s = k.size ?? 1;
    const w = 42 * Math.min(s, 1.08);
    return (
        path(`M${f(CX - w)} 119q0-17 20-22h${f(2 * w - 40)}q20 5 20 22q-2 15-22 16h${f(4 - 2 * w + 36)}q-18-1-18-16z`, {
            fill: p[2],
        }) +
        path(
            `M${f(CX - w)} 116q2-20 24-24q${f(w - 24)}-6 ${f(2 * w - 48)} 0q22 4 24 24q-6 9-24 10h${f(48 - 2 * w)}q-18-1-24-10z`,
            { fill: p[1] },
        ) +
        path(
            `M${f(CX - w + 7)} 109q5-14 22-16q${f(w - 29)}-5 ${f(2 * w - 58)} 0q17 2 22 16q-12 4-22 4.500h${f(58 - 2 * w)}q-14-.5-22-4.500z`,
            { fill: p[0] },
        ) +
        path(`M${f(CX - 12)} 91.500q12-2.4 24 0l3 21.500h-30z`, { fill: trim, opacity: 0.95 }) +
        path(`M${f(CX - 20)} 126h40l-5 7h-30z`, { fill: "#171c22" }) +
        circle(CX - 8, 129.5, 2, { fill: "#4d86c4" }) +
        circle(CX + 8, 129.5, 2, { fill: "#4d86c4" }) +
        circle(CX - w + 9, 118, 1.8, { fill: "#7cf0a8" }) +
        circle(CX + w - 9, 118, 1.8, { fill: "#ff6b5e" })
    );
}

function legs(s, tall) {
    const y = tall ? 206 : 176;
    const dx = 34 * s;
    return [-1, 1]
        .map(
            (d) =>
                path(`M${f(CX + d * 24)} 126L${f(CX + d * dx)} ${y - 3}`, {
                    stroke: "#343c46",
                    "stroke-width": 4,
                    fill: "none",
                }) + line(CX + d * dx - 13, y, CX + d * dx + 13, y, { stroke: "#262d36", "stroke-width": 4.4 }),
        )
        .join("");
}

export function multirotor(k, seed) {
    const p = PAINT[k.paint];
    const trim = PAINT[k.trim ?? k.paint][k.trim ? 1 : 2];
    const n = k.rotors;
    const s = k.size ?? 1;
    const R = (n === 4 ? 100 : n === 6 ? 108 : 112) * s;
    const rr = (n === 4 ? 46 : n === 6 ? 38 : 31) * s;
    const start = n === 4 ? Math.PI / 4 + 0.14 : n === 6 ? 0 : Math.PI / 8;
    const arms = Array.from({ length: n }, (_, i) => start + (i * 2 * Math.PI) / n).sort(
        (a, b) => Math.sin(a) - Math.sin(b),
    );
    const arm = (a) => {
        const [x, y] = at(a, R, 2);
        const [bx, by] = at(a, 26, 0);
        return (
            line(bx, by, x, y, { stroke: "#262d36", "stroke-width": 8 * s }) +
            line(bx, by - 1.8, x, y - 1.8, { stroke: p[1], "stroke-width": 3.4 * s })
        );
    };
    const top = (a, i) => {
        const [x, y] = at(a, R, 2);
        return motorPod(x, y, s, p[1]) + rotor(x, y - 11 * s, rr, (seed % 17) / 5 + i * 1.1);
    };
    const back = arms.filter((a) => Math.sin(a) < 0);
    const front = arms.filter((a) => Math.sin(a) >= 0);
    const gear = GEAR[k.gear];
    const tall = ["tank", "parcel", "cinema", "hook", "rail", "lidar"].includes(k.gear);
    return (
        back.map(arm).join("") +
        back.map(top).join("") +
        (k.gear === "tether" ? "" : legs(s, tall)) +
        (gear ? gear(p, k) : "") +
        front.map(arm).join("") +
        body(k, p, trim) +
        (k.mast
            ? line(CX, 92, CX, 72, { stroke: "#39424d", "stroke-width": 3 }) +
              ellipse(CX, 71, 13, 5, { fill: "#f6f8fa" }) +
              ellipse(CX, 69, 13, 5, { fill: "#dfe5ec" })
            : "") +
        front.map((a, i) => top(a, i + 3)).join("")
    );
}

export function vtol(k) {
    const p = PAINT[k.paint];
    const t = PAINT[k.trim];
    return (
        path("M150 88L22 72q-8 0-5 6l20 12 112 34zM170 88l128-16q8 0 5 6l-20 12-112 34z", { fill: p[1] }) +
        path("M150 88L22 72q-8 0-5 6l132 30zM170 88l128-16q8 0 5 6l-132 30z", { fill: p[0] }) +
        path("M17 78l20 12 22 6-24-20zM303 78l-20 12-22 6 24-20z", { fill: t[1] }) +
        [
            [78, 92],
            [242, 92],
        ]
            .map(
                ([x, y]) =>
                    line(x, y - 26, x, y + 34, { stroke: "#39424d", "stroke-width": 5 }) +
                    motorPod(x, y - 24, 0.9, t[1]) +
                    rotor(x, y - 34, 31, 0.5) +
                    motorPod(x, y + 36, 0.9, t[1]) +
                    rotor(x, y + 26, 33, 2.2),
            )
            .join("") +
        path("M152 52h16l3 14h-22z", { fill: t[1] }) +
        path("M118 56l34 2v8l-36-2zM202 56l-34 2v8l36-2z", { fill: p[1] }) +
        path("M160 60q16 4 19 50q2 44-19 52q-21-8-19-52q3-46 19-50z", { fill: p[1] }) +
        path("M160 60q12 4 14 48q0 36-14 42q-14-6-14-42q2-44 14-48z", { fill: p[0] }) +
        path("M150 132q10 6 20 0l-3 14q-7 5-14 0z", { fill: "#1d2a3a" }) +
        path("M147 96h26l1 8h-28z", { fill: t[1] }) +
        lens(160, 158, 5)
    );
}

export function racer(k, seed) {
    const p = PAINT[k.paint];
    const s = k.size;
    const spread = k.long ? 0.62 : 0.78;
    const angles = [-Math.PI + spread, -spread, spread, Math.PI - spread];
    const R = 104 * s;
    const rr = (k.long ? 46 : 42) * s;
    const arm = (a) => {
        const [x, y] = at(a, R);
        return (
            line(CX, CY + 6, x, y, { stroke: "#1d2228", "stroke-width": 9 * s }) +
            line(CX, CY + 4.5, x, y - 1.5, { stroke: "#4a525c", "stroke-width": 4 * s })
        );
    };
    const top = (a, i) => {
        const [x, y] = at(a, R);
        return motorPod(x, y, 1, p[1]) + rotor(x, y - 11, rr, (seed % 13) / 4 + i, 3);
    };
    return (
        angles.slice(0, 2).map(arm).join("") +
        angles.slice(0, 2).map(top).join("") +
        angles.slice(2).map(arm).join("") +
        box(128, 122, 58, 8, 12, PAINT.carbon, 2) +
        box(130, 108, 54, 7, 12, PAINT.carbon, 2) +
        [134, 178].map((x) => rect(x, 113, 4, 11, 1, { fill: p[1] })).join("") +
        box(140, 90, 36, 16, 14, [p[0], p[1], p[2]], 3) +
        rect(140, 94, 36, 5, 0, { fill: "#161b22" }) +
        path("M186 100q16-10 12-26", { fill: "none", stroke: p[1], "stroke-width": 2.6 }) +
        circle(198, 73, 3.4, { fill: p[0] }) +
        rect(145, 112, 26, 20, 5, { fill: "#20262d" }) +
        lens(158, 122, 8.5) +
        (k.long ? ellipse(150, 88, 8, 3, { fill: "#dfe5ec" }) : "") +
        angles
            .slice(2)
            .map((a, i) => top(a, i + 2))
            .join("")
    );
}

export function whoop(k) {
    const p = PAINT[k.paint];
    const duct = (a) => {
        const [x, y] = at(a, 62, 0);
        return (
            path(`M${f(x - 44)} ${f(y)}v18a44 16 0 0 0 88 0v-18z`, { fill: p[2] }) +
            ellipse(x, y, 44, 16, { fill: p[0] }) +
            ellipse(x, y, 38, 13, { fill: "#1f1a3a", opacity: 0.72 }) +
            rotor(x, y + 2, 34, a, 3)
        );
    };
    const a = [-2.4, -0.74, 0.74, 2.4];
    return (
        duct(a[0]) +
        duct(a[1]) +
        box(140, 92, 40, 18, 12, p, 5) +
        duct(a[3]) +
        duct(a[2]) +
        box(142, 112, 32, 24, 10, PAINT.graphite, 6) +
        lens(158, 125, 9)
    );
}

export function cage(k, seed) {
    const p = PAINT[k.paint];
    const inner = multirotor({ rotors: 4, paint: "graphite", trim: k.paint, size: 0.62, gear: "gimbal" }, seed);
    const ring = { fill: "none", stroke: p[1], "stroke-width": 3 };
    const back = { ...ring, stroke: p[2], "stroke-width": 2, opacity: 0.65 };
    return (
        ellipse(160, 122, 96, 30, back) +
        path("M160 26C106 40 106 204 160 218", back) +
        path("M160 26C214 40 214 204 160 218", back) +
        inner +
        circle(160, 122, 96, ring) +
        path("M64 122a96 30 0 0 0 192 0", ring) +
        path("M77 74a83 26 0 0 0 166 0", ring) +
        path("M77 170a83 26 0 0 0 166 0", ring) +
        path("M160 26C78 60 78 184 160 218", ring) +
        path("M160 26C242 60 242 184 160 218", ring) +
        circle(160, 27, 5, { fill: p[2] }) +
        circle(160, 217, 5, { fill: p[2] })
    );
}
