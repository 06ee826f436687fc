/* The texts of the page of faults on purpose. */
export const SIMULATIONS = {
  title: "Simulations", about: "Faults on purpose, to see what they look like in traces. None of them touches an order.", readOnly: "Your role sees what is on; arming and ending takes chaos-operator or admin.",
  disabled: "Nothing can be armed here: this shop was started without CHAOS_ENABLED=true.", onNow: "On now", on: "On", nothing: "No fault is simulated", nothingAbout: "What looks odd is real.",
  endAll: "End all", ending: "Ending", ended: "All that was simulated has ended.", notEnded: "It has not ended.",
  columns: { what: "What", about: "What happens", faults: "Faults", share: "Of requests", by: "Armed by", ends: "Ends", trace: "Trace" },
  scenarios: "Scenarios", scenariosAbout: "Each ends by itself.", arm: "Arm", armOf: (id: string) => `Arm ${id}`, armTitle: (id: string) => `Arm ${id}?`, arming: "Arming", armed: "Armed", portalsOnly: "of the portal",
  share: "Share of requests, per cent", seconds: "For how many seconds", secondsHint: (most: string) => `From 10 to ${most}.`, amount: "How much", amountHint: "Milliseconds, or look-ups; left out, as the scenario has it.", note: "Why", noteHint: "Stands in the audit trail.",
  switches: "Switches", switchesAbout: "Of all requests.", set: "Set", setTitle: "Set the switches?", setting: "Setting", isSet: "Switches set", off: "All off", yes: "Yes", no: "No",
  errors: "Share that fails", errorsHint: "From 0 to 1.", slow: "Slow responses", latency: "Slow statement", latencyMs: "Slow statement, milliseconds", lost: "Sessions are lost",
};
