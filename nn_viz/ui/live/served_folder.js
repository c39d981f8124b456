// The folder of this server that holds our scripts (under their hash), Plotly and the live connection.
export const SERVED_FOLDER = new URL("../../", import.meta.url);
