/* Making and changing things by a dialog is the kit's; the portal's pages find it here. */
export * from "../kit/formdialog";
