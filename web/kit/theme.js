/* The theme that was chosen here, set before anything is drawn. */
try { const t = localStorage.getItem("theme"); if (t === "light" || t === "dark") document.documentElement.dataset.theme = t; } catch { /* no storage: as the system has it */ }
