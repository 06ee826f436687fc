/* The texts of the portal: a run of the synchronisation. */
export const SYNC_RUN = {
  syncing: "Syncing",
  waiting: "Waiting",
  nothingWasSynced: "Nothing was synced.",
  noOrderIsNewOr: "No order is new or changed",
  synced: (orders: string, isOne: boolean) => `${orders} ${isOne ? "order" : "orders"} synced`,
  failed: (orders: string) => `${orders} failed`,
  theRunFailed: (code: string) => `The run failed: ${code}.`,
  nobodyIsAtIt: "free: nobody is at it",
  aRunOfThisPortal: "held: a run of this portal is at it",
  aRunOfAnotherReplica: "held: a run of another replica is at it",
  lastRuns: (runs: number) => runs === 1 ? "The last run that changed something" : `The last ${runs} runs that changed something`,
  ofARun: (when: string, done: string) => `${when}: ${done}`,
  anotherIsAtIt: "Another run is at it: the timer's, or somebody else's.",
  yoursBegins: "Yours begins when it has ended.",
  read: (read: string) => `${read} orders read`,
  readOf: (read: string, total: string) => `${read} of ${total} orders read`,
};
