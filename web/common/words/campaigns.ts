/* The texts of the page of campaigns. */
export const CAMPAIGNS = {
  title: "Campaigns", caption: "Campaigns, newest first", none: "No campaigns yet", one: "Campaign", tab: (id: number) => `Campaign ${id}`,
  add: "New campaign", change: "Change", changeTitle: "Change the campaign", save: "Save", saving: "Saving", saved: "Campaign saved",
  columns: { name: "Campaign", kind: "Kind", status: "State", leads: "Leads", spent: "Spent", budget: "Budget" },
  fields: { name: "Name", budget: "Budget, dollars", audience: "For whom", status: "State", kind: "Kind" },
  begins: "Begins", ends: "Ends", spentOf: (spent: string, budget: string) => `${spent} of ${budget}`, spentLabel: "Spent of the budget", leads: "Its leads",
  what: "campaigns",
};
