/* The texts of the pages of campaigns and leads. */
export const CAMPAIGNS = { title: "Campaigns", readOnly: "Your role sees campaigns; changing them takes manager or admin." };

export const LEADS = {
  title: "Leads", about: "Who left an address by the form of a campaign. The portal's sellers go on with them.", campaign: "Campaign", caption: "Leads, newest first",
  none: "No lead came by this campaign yet", noCampaign: "No campaigns yet", what: "leads", columns: { who: "Who", status: "State", notes: "Note", source: "From", score: "Score", at: "Came" },
};
